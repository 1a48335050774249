#!/usr/bin/env bash
# Package: yargs 18.2.0 on Node 20.
# Behaviour: `.fail(handler)` hears of everything that is wrong with a command line, so that a program can say it in its own words; but for what
#   an option's `coerce` throws where the command's builder is asynchronous, as a builder is that imports the command's module first. Then the
#   handler is passed over and parseAsync() itself rejects with yargs' error. Unknown options and missing arguments of the same command
#   do come to the handler, and so does the same coerce of a builder that returns at once.
# Seen on 2026-11-28:
#   builder at once, unknown option: fail heard it
#   builder at once, coerce throws: fail heard it
#   builder awaited, unknown option: fail heard it
#   builder awaited, coerce throws: fail did not; parseAsync rejects with YError: no share
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null 2>&1
npm install --no-fund --no-audit yargs@18.2.0 >/dev/null 2>&1
cat > fail.mjs <<'JS'
import yargs from "yargs";
const options = (parser) =>
  parser.option("budget", {
    type: "string",
    coerce: () => {
      throw new Error("no share");
    },
  });
const builders = { "at once": options, awaited: async (parser) => options(parser) };
for (const [kind, builder] of Object.entries(builders)) {
  for (const [what, args] of [
    ["unknown option", ["score", "--nonsense"]],
    ["coerce throws", ["score", "--budget", "x"]],
  ]) {
    let outcome = "nothing was said";
    try {
      await yargs(args)
        .command({ command: "score", describe: "score", builder, handler: () => {} })
        .strict()
        .exitProcess(false)
        .fail(() => {
          outcome = "fail heard it";
          throw new Error("in my own words");
        })
        .parseAsync();
    } catch (error) {
      if (outcome !== "fail heard it") outcome = `fail did not; parseAsync rejects with ${error.name}: ${error.message}`;
    }
    console.log(`builder ${kind}, ${what}: ${outcome}`);
  }
}
JS
node fail.mjs > out.txt
cat out.txt
sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self" | diff - out.txt
