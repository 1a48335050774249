import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scoreStream } from "../src/score-stream.ts";
import { type Finished, MODEL, ROOT, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const LINE = '{"protocol":"tcp","dur":1.5,"sbytes":900}\n';

/** Takes nothing, as a full disk does. */
const FULL = "/dev/full";
const isLinux = existsSync(FULL);

let scorer: Scorer;
beforeAll(async () => {
  scorer = await createScorer(MODEL, { provider: "cpu" });
});
afterAll(() => scorer.close());

/** Runs a shell command; `oddflow` and `score-batch` in it are the built ones. */
function shell(command: string): Promise<Finished> {
  const bin = (name: string): string =>
    `"${process.execPath}" "${join(ROOT, "packages/cli/bin", name)}" "$@"`;
  const script = `oddflow() { ${bin("oddflow.js")}; }
score_batch() { ${bin("score-batch.cjs")}; }
${command}`;
  const child = spawn("bash", ["-c", script], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

/** What the system says of a file, as Node throws it. */
function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, ${syscall}`), { code, syscall, errno: -1 });
}

const OPTIONS = { threshold: 3, top: 0, fields: "all" } as const;

describe.runIf(isLinux)("standard output that takes nothing", () => {
  test("is said in one line, and no bug, whatever the command prints", async () => {
    const flow = Object.fromEntries(
      scorer.columns.map(({ name, kind }) => [name, kind === "number" ? 1 : "a"]),
    );
    writeFileSync(join(folder, "flows.ndjson"), `${JSON.stringify(flow)}\n`.repeat(3));
    for (const command of [
      `oddflow inspect "${MODEL}"`,
      `score_batch - -m "${MODEL}" < flows.ndjson`,
      `score_batch flows.ndjson -m "${MODEL}" -o scored.ndjson`,
    ]) {
      const { status, stderr } = await shell(`${command} > ${FULL}`);
      expect(status, stderr).toBe(3);
      expect(stderr).toMatch(
        /^(oddflow|score-batch): write output: standard output cannot be written: no space is left; [^\n]+\n$/,
      );
    }
    // What was asked for is there: only what is said of it was lost.
    expect(readFileSync(join(folder, "scored.ndjson"), "utf8").split("\n")).toHaveLength(4);
  });

  test("is no matter for standard error: the status stays", async () => {
    expect((await shell(`oddflow inspect "${MODEL}" 2> ${FULL}`)).status).toBe(0);
    expect((await shell(`score_batch nowhere.csv 2> ${FULL}`)).status).toBe(3);
  });
});

describe("a pipe", () => {
  test("says what it did wherever its input ends: before threads share the work, while they start, when they do", async () => {
    for (const flows of [1, 50_000, 60_000, 150_000]) {
      const { status, stdout, stderr } = await shell(
        `yes '${LINE.trim()}' | head -n ${flows} | score_batch - -m "${MODEL}" --threads 2 | wc -l`,
      );
      expect({ status, flows: Number(stdout) }).toEqual({ status: 0, flows });
      expect(stderr).toContain(`flows      ${flows.toLocaleString("en")} in `);
    }
  });

  test("ends when its reader has gone, though its input goes on", async () => {
    const { stdout } = await shell(
      `yes '${LINE.trim()}' | { score_batch - -m "${MODEL}"; echo $? > status; } | head -n 1`,
    );
    expect(JSON.parse(stdout)).toHaveProperty("score");
    expect(readFileSync(join(folder, "status"), "utf8")).toBe("0\n");
  });

  test("refuses a folder", async () => {
    const { status, stderr } = await shell(`score_batch - -m "${MODEL}" < "${folder}"`);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^score-batch: score: standard input cannot be read: it is a folder[^\n]*\n$/);
  });

  test("says what the system says of its input and its output", async () => {
    const failing = new Readable({
      read() {
        this.destroy(systemError("EIO", "read"));
      },
    });
    const nowhere = (): Writable => new Writable({ write: (_piece, _encoding, done) => done() });
    await expect(scoreStream(failing, nowhere(), scorer, OPTIONS)).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringContaining("EIO"),
    });
    for (const [code, said] of [
      ["ENOSPC", "no space is left"],
      ["EDQUOT", "no space is left"],
      ["EIO", "EIO"],
    ] as const) {
      const full = new Writable({ write: (_piece, _encoding, done) => done(systemError(code, "write")) });
      await expect(
        scoreStream(Readable.from([Buffer.from(LINE)]), full, scorer, OPTIONS),
      ).rejects.toMatchObject({
        code: "OUTPUT_UNWRITABLE",
        message: expect.stringContaining(said),
      });
    }
    const closed = new Writable({ write: (_piece, _encoding, done) => done(systemError("EPIPE", "write")) });
    await expect(
      scoreStream(Readable.from([Buffer.from(LINE)]), closed, scorer, OPTIONS),
    ).resolves.toBeDefined();
  });
});

test("a limit on the size of files is said of the folder for temporary files where that is what it stops", async () => {
  const rows = Array.from({ length: 2000 }, (_, row) => `tcp,${row},900${row % 2 === 0 ? "\r" : ""}\n`);
  writeFileSync(join(folder, "mixed.csv"), `protocol,dur,sbytes\n${rows.join("")}`);
  const { status, stderr } = await shell(`ulimit -f 16; oddflow train mixed.csv -o new.onnx --epochs 1`);
  expect(status, stderr).toBe(3);
  expect(stderr).toMatch(
    /^oddflow: open table: the folder for temporary files, [^\n]+ no space is left; [^\n]+\n$/,
  );
  expect(readdirSync(folder)).not.toContain("new.onnx");
});
