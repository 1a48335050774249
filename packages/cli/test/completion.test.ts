import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import type { CommandForm } from "../src/command-forms/command-form.ts";
import { COMMANDS } from "../src/command-list.ts";
import { programForms } from "../src/commands/completion.ts";
import { completeInBash } from "../src/completion/complete-in-bash.ts";
import { completeInFish } from "../src/completion/complete-in-fish.ts";
import { completeInZsh } from "../src/completion/complete-in-zsh.ts";
import { allForms } from "../src/completion/form-words.ts";

/** What is on a line before the last word that is being written, and what has to be offered there. */
interface Expected {
  readonly words: readonly string[];
  readonly offered: readonly string[];
}

/** Everything that any command takes. */
function everything(programs: readonly CommandForm[]): Expected[] {
  return allForms(programs).flatMap(({ words, commands, options }) => [
    ...(commands.length > 0
      ? [{ words: [...words, ""], offered: commands.map((each) => each.words.at(-1) ?? "") }]
      : []),
    {
      words: [...words, "--"],
      offered: options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith("--"))),
    },
    ...options.flatMap(({ flags, value }) =>
      value.kind === "choice"
        ? flags.map((flag) => ({ words: [...words, flag, ""], offered: value.choices }))
        : [],
    ),
  ]);
}

const isHere = (shell: string): boolean => spawnSync(shell, ["--version"]).error === undefined;

function linesOf(shell: string, script: string): string[] {
  const { stdout, stderr } = spawnSync(shell, ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

describe("completion", () => {
  let programs: readonly CommandForm[];
  beforeAll(async () => {
    programs = await programForms(COMMANDS);
  });

  test.skipIf(!isHere("bash"))("bash offers every command, option and choice, and nothing else", () => {
    const asked = everything(programs);
    const ask = `ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _oddflow 2>/dev/null; echo "\${COMPREPLY[*]}"; }`;
    const lines = linesOf(
      "bash",
      [
        completeInBash(programs),
        ask,
        ...asked.map(({ words }) => `ask ${words.map((word) => `'${word}'`).join(" ")}`),
      ].join("\n"),
    );
    expect(asked.length).toBeGreaterThan(60);
    expect(lines.map((line) => line.split(" "))).toEqual(asked.map(({ offered }) => offered));
  });

  test.skipIf(!isHere("bash"))(
    "bash completes what has been begun, by = too, and leaves paths to the shell",
    () => {
      const ask = (...words: string[]): string =>
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _oddflow 2>/dev/null; echo "\${COMPREPLY[*]}"`;
      const asked = [
        ask("oddflow", "recal"),
        ask("/opt/bin/oddflow", "rules", "t"),
        ask("score-batch", "flows.csv", "--columns", "=", "k"),
        ask("oddflow", "train", "--out", ""),
        ask("oddflow", "train", "flo"),
        ask("oddflow", "completion", "z"),
      ];
      const lines = linesOf("bash", [completeInBash(programs), ...asked, "echo end"].join("\n"));
      expect(lines).toEqual(["recalibrate", "test", "keys", "", "", "zsh", "end"]);
    },
  );

  test.skipIf(!isHere("fish"))("fish offers commands, options and choices with what they mean", () => {
    const script = `${completeInFish(programs)}
complete -C 'oddflow recal'
complete -C 'oddflow rules a'
complete -C 'score-batch flows.csv --columns k'
complete -C 'oddflow train --hid'`;
    const lines = linesOf("fish", script);
    expect(lines.map((line) => line.split("\t")[0])).toEqual(["recalibrate", "apply", "keys", "--hidden"]);
    for (const line of lines) expect(line.split("\t")[1]).toMatch(/\w/);
  });

  test.skipIf(!isHere("zsh"))("zsh takes its script for one", () => {
    const { status, stderr } = spawnSync("zsh", ["-n"], { input: completeInZsh(programs), encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });
});
