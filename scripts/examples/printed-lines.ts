/**
 * The first line of a shown output that is not in what was printed, in the shown order; undefined where all are there. Lines
 * that were printed may be left out, and `...` in a shown line stands for anything. Other numbers are taken, and in lines that
 * say what made a flow odd other columns: they hang on the last digits of a training, which differ from one CPU to another.
 */
export function findMissingLine(shown: string, printed: string): string | undefined {
  const lines = printed.split("\n").map(withoutDigits);
  let next = 0;
  for (const line of shown.split("\n")) {
    const expected = withoutDigits(line);
    if (expected === "" || expected === "...") continue;
    const pattern = new RegExp(`^${expected.split("...").map(escaped).join(".*")}$`);
    const found = lines.findIndex((one, i) => i >= next && pattern.test(one));
    if (found === -1) return line;
    next = found + 1;
  }
  return undefined;
}

/** Single spaces, `#` for a number, and nothing behind the share that a column has in a score. */
function withoutDigits(line: string): string {
  return line
    .trim()
    .replace(/\d+(,\d{3})*(\.\d+)?(e[+-]?\d+)?/g, "#")
    .replace(/\s+/g, " ")
    .replace(/^((?:# )+%) .*/, "$1");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
