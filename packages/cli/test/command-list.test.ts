import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { COMMAND_NAMES, COMMANDS } from "../src/command-list.ts";
import { command } from "./in-process.ts";
import { ROOT, run } from "./run-cli.ts";

/** What a command prints with --help, which yargs gives to the console. */
async function help(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await command(...args, "--help");
    return log.mock.calls.join("\n");
  } finally {
    log.mockRestore();
  }
}

describe("the commands of oddflow", () => {
  test("the help lists every module of src/commands that is a command", async () => {
    const said = await help();
    const modules = readdirSync(join(ROOT, "packages/cli/src/commands")).map((file) =>
      file.replace(".ts", ""),
    );
    // A half of `evaluate`.
    expect([...COMMAND_NAMES, "evaluate-by-training"].sort()).toEqual(modules.sort());
    for (const name of COMMAND_NAMES) expect(said).toMatch(new RegExp(`^ *oddflow ${name} `, "m"));
  });

  test.each(COMMAND_NAMES)(
    "%s has a help of its own, and refuses an option that it does not know",
    async (name) => {
      const line = COMMANDS.find((listed) => String(listed.command).startsWith(name));
      const said = await help(name);
      expect(said).toContain(`oddflow ${line?.command}`);
      expect(said).toContain("--version");
      const refusal = await command(name, "model.onnx", "flows.csv", "--key", "k", "--no-such-option");
      expect(refusal.refused).toBe(true);
      expect(refusal.said).toMatch(new RegExp(`^oddflow: .*; \`oddflow ${name} --help\` shows how\\n$`));
    },
  );

  test("what an option's value must be is said in one line, as wrong usage", async () => {
    for (const args of [
      ["score", "flows.csv", "--budget", "2"],
      ["train", "flows.csv", "--epochs", "0"],
      ["serve", "--max-body", "0"],
      ["evaluate", "flows.csv", "--subset", "0"],
    ]) {
      const { status, stderr } = await run("oddflow", args);
      expect(stderr).toMatch(new RegExp(`^oddflow: .*${args.at(-2)}.*expected.*\\n$`));
      expect(status).toBe(2);
    }
  });

  test("so is a word that is none of an option's", async () => {
    const { said } = await command("incidents", "flows.csv", "--format", "table");
    expect(said).toBe(
      'oddflow: wrong value: format "table": expected one of "json", "ecs", "ocsf", "syslog"; `oddflow incidents --help` shows how\n',
    );
  });

  test("neither the database nor the runtime is loaded to print the help", () => {
    const tellLibraries =
      "data:text/javascript,process.on('exit', () => process.stderr.write(process.report.getReport().sharedObjects.join()))";
    const told = (...args: string[]): string => {
      const program = join(ROOT, "packages/cli/bin/oddflow.js");
      const parameters = ["--import", tellLibraries, program, ...args];
      return spawnSync(process.execPath, parameters, { encoding: "utf8", input: '{"proto":"tcp"}\n' }).stderr;
    };
    expect(told("--help")).not.toMatch(/duckdb|onnxruntime/);
    expect(told("score", "-", "--threads", "1")).toMatch(/onnxruntime/);
  });
});
