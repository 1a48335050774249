import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createScorer } from "@oddflow/inference/node";
import type { ColumnCoding } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { followLog } from "../src/follow/follow-log.ts";
import type { StreamSummary } from "../src/pipe/stream-scoring.ts";
import { scorePieces, scoreStream } from "../src/score-stream.ts";
import { keepingScorer } from "./keeping-scorer.ts";
import { MODEL, ROOT, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
let logs = 0;
const newLog = (): string => join(folder, `flows-${logs++}.log`);

const number = (name: string): ColumnCoding => ({ kind: "number", name });
const word = (name: string, ...vocabulary: string[]): ColumnCoding => ({
  kind: "category",
  name,
  valueType: "text",
  vocabulary,
});

/** A log that a real sensor wrote: the lines that begin a file, and a flow each, behind what is none before it. */
interface LogForm {
  readonly head: string;
  readonly flows: readonly string[];
  readonly columns: readonly ColumnCoding[];
}

function logForm(
  file: string,
  heads: number,
  columns: readonly ColumnCoding[],
  flow: RegExp = /^[^\n]*\n/m,
): LogForm {
  const text = readFileSync(join(ROOT, "fixtures/sensors", file), "utf8").replace(/^#close.*/m, "");
  const [head = ""] = new RegExp(`^([^\n]*\n){${heads}}`).exec(text) ?? [];
  const flows: string[] = [];
  for (let rest = text.slice(head.length); flows.length < 40; rest = rest.slice(flows.at(-1)?.length)) {
    const found = flow.exec(rest);
    if (found === null) break;
    flows.push(rest.slice(0, found.index + found[0].length));
  }
  return { head, flows, columns };
}

const CONNECTIONS = [number("orig_bytes"), word("proto", "tcp"), word("service", "http", "dns")];
const FORMS: Readonly<Record<string, LogForm>> = {
  "Zeek, tab-separated": logForm("zeek/conn.log", 8, CONNECTIONS),
  "Zeek, JSON": logForm("zeek/conn.json.log", 0, CONNECTIONS),
  "Suricata, EVE": logForm(
    "suricata/eve.json",
    0,
    [number("flow.bytes_toserver"), word("proto", "TCP")],
    /^.*"event_type":"(net)?flow".*\n/m,
  ),
  "CSV with a header": logForm("nfstream/flows.csv", 1, [number("bidirectional_bytes"), number("protocol")]),
};

/** A log that is followed: what is written of it so far. */
class Following {
  readonly path: string;
  readonly seen: number[] = [];
  readonly #end = new AbortController();
  readonly #pieces: Buffer[] = [];
  readonly #summary: Promise<StreamSummary>;

  constructor(path: string, columns: readonly ColumnCoding[]) {
    this.path = path;
    const output = new PassThrough();
    output.on("data", (piece: Buffer) => this.#pieces.push(piece));
    this.#summary = scorePieces(
      followLog(path, this.#end.signal),
      output,
      keepingScorer(columns, this.seen),
      { threshold: 1, top: 0, fields: "all" },
      path,
    );
    // Whoever ends it hears of it.
    this.#summary.catch(() => undefined);
  }

  get written(): string {
    return Buffer.concat(this.#pieces).toString();
  }

  /** Waits until so many flows have been scored, each with its numbers. */
  async until(numbers: number): Promise<void> {
    await vi.waitFor(() => expect(this.seen.length).toBe(numbers), { timeout: 10_000, interval: 3 });
  }

  failed(): Promise<StreamSummary> {
    return this.#summary;
  }

  end(): Promise<StreamSummary> {
    this.#end.abort();
    return this.#summary;
  }
}

async function throughPipe(text: string, columns: readonly ColumnCoding[]): Promise<[string, number[]]> {
  const seen: number[] = [];
  const pieces: Buffer[] = [];
  const output = new PassThrough();
  output.on("data", (piece: Buffer) => pieces.push(piece));
  await scoreStream(Readable.from([Buffer.from(text)]), output, keepingScorer(columns, seen), {
    threshold: 1,
    top: 0,
    fields: "all",
  });
  return [Buffer.concat(pieces).toString(), seen];
}

/** A file of a log before it is rotated, and how that is done. */
const period = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  /** Where what is written at once ends, as shares of the file. */
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  pauses: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }),
  /** The file gets another name; it is copied and truncated, and its writer knows nothing of it; it is written anew in one go. */
  ends: fc.constantFrom("renamed", "truncated", "written anew"),
  /** How much of a line that never ends stands behind the others. */
  torn: fc.constantFrom(0, 0, 0.5),
});

describe("a log that is written piece by piece, with pauses and rotations, gives the scores of the whole", () => {
  test.each(Object.entries(FORMS))("%s", async (_, { head, flows, columns }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(period, { minLength: 1, maxLength: 3 }), async (periods) => {
        const path = newLog();
        writeFileSync(path, "");
        const following = new Following(path, columns);
        let [first, begins] = [0, "renamed"];
        for (const { count, cuts, pauses, ends, torn } of periods) {
          const next = flows[first + count] ?? "";
          const rest = next.slice(0, torn * next.length);
          const own = flows.slice(first, first + count).join("") + rest;
          first = Math.min(flows.length, first + count);
          if (begins === "written anew") writeFileSync(path, head + own);
          else await writeInPieces(path, (begins === "truncated" ? "" : head) + own, cuts, pauses);
          await following.until(first * columns.length);
          begins = ends;
          if (ends === "truncated") writeFileSync(path, "");
          if (ends !== "renamed") continue;
          renameSync(path, `${path}.${first}`);
          // Its writer goes on with it until the new one is there.
          if (rest === "" && next !== "") {
            appendFileSync(`${path}.${first}`, next);
            first++;
          }
          writeFileSync(path, "");
        }
        await following.until(first * columns.length);
        const { flows: count } = await following.end();
        const [written, seen] = await throughPipe(head + flows.slice(0, first).join(""), columns);
        expect(count).toBe(first);
        expect(following.seen).toEqual(seen);
        expect(following.written).toBe(written);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

/** Writes a file in pieces that end at shares of it, with milliseconds between them. */
async function writeInPieces(
  path: string,
  text: string,
  cuts: readonly number[],
  pauses: readonly number[],
): Promise<void> {
  const bytes = Buffer.from(text);
  const places = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
  for (const [index, end] of [...places, bytes.length].entries()) {
    appendFileSync(path, bytes.subarray(places[index - 1] ?? 0, end));
    await pause(pauses[index] ?? 0);
  }
}

describe("what is followed", () => {
  const CSV = [number("a"), number("b")];

  test("a last line waits for its end, and is left out and counted where that never comes", async () => {
    for (const [start, half, rest, columns] of [
      ["a,b\n1,2\n", "3,4", "5\n", CSV],
      ['{"a":1,"b":2}\n', '{"a":3,"b":45}', "\n", CSV],
      ["#fields\ta\tb\n1\t2\n", "3\t4", "5\n", CSV],
    ] as const) {
      for (const isEnded of [false, true]) {
        const path = newLog();
        writeFileSync(path, start + half);
        const following = new Following(path, columns);
        await following.until(2);
        await pause(60);
        expect(following.seen).toEqual([1, 2]);
        if (isEnded) {
          appendFileSync(path, rest);
          await following.until(4);
          expect(following.seen).toEqual([1, 2, 3, 45]);
        }
        const { flows, leftOut } = await following.end();
        expect(flows).toBe(isEnded ? 2 : 1);
        expect([...leftOut]).toEqual(isEnded ? [] : [["last lines without an end", 1]]);
      }
    }
  });

  test("may have another header, another form and other fields in its next file", async () => {
    const path = newLog();
    writeFileSync(path, "a,b\n1,2\n");
    const following = new Following(path, CSV);
    await following.until(2);
    let numbers = 2;
    for (const text of ["b;c;a\n2;9;1\n", '{"b":2,"a":1}\n', "#fields\tb\ta\n#types\tcount\tcount\n2\t1\n"]) {
      renameSync(path, `${path}.old`);
      writeFileSync(path, text);
      numbers += 2;
      await following.until(numbers);
    }
    expect(following.seen).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    await following.end();
    expect(following.written.split("\n").map((line) => line.replace(/.score.*/, ""))).toEqual([
      "a,b",
      "1,2,0,false,0",
      "b;c;a",
      "2;9;1;0;false;0",
      '{"b":2,"a":1,',
      "#fields\tb\ta",
      "#types\tcount\tcount\tdouble\tbool\tdouble",
      "2\t1\t0\tF\t0",
      "",
    ]);
  });

  test("is read anew where it was written anew with the same flows at the same places, but for its first", async () => {
    for (const same of [100, 3000]) {
      const path = newLog();
      const flows = (first: string): string => `a,b\n${first}\n${"7,7\n".repeat(same)}`;
      writeFileSync(path, flows("1,2"));
      const following = new Following(path, CSV);
      await following.until(2 * (1 + same));
      writeFileSync(path, `${flows("3,4")}5,6\n`);
      await following.until(2 * (3 + 2 * same));
      expect(following.seen.slice(2 * (1 + same)).filter((value) => value !== 7)).toEqual([3, 4, 5, 6]);
      await following.end();
    }
  });

  test("is waited for where it is not there, or goes away for a while", async () => {
    const path = newLog();
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const following = new Following(path, CSV);
    await vi.waitFor(() => expect(told).toHaveBeenCalled());
    expect(String(told.mock.calls[0])).toMatch(/flows-\d+\.log is not there yet; waiting for it\n$/);
    told.mockRestore();
    writeFileSync(path, "a,b\n1,2\n");
    await following.until(2);
    rmSync(path);
    await pause(60);
    writeFileSync(path, "a,b\n3,4\n");
    await following.until(4);
    expect((await following.end()).flows).toBe(2);
  });

  test("is refused by its name and the line in the file that it is in by now", async () => {
    const path = newLog();
    writeFileSync(path, "a,b\n1,2\n3,4\n");
    const following = new Following(path, CSV);
    await following.until(4);
    renameSync(path, `${path}.old`);
    writeFileSync(path, "a,b\n1,two\n");
    await expect(following.failed()).rejects.toMatchObject({
      code: "VALUE_NOT_A_NUMBER",
      message: expect.stringContaining(`line 2 of ${path}, column "b": "two" found`),
    });
  });

  test.each<[what: string, make: (path: string) => void, said: RegExp]>([
    ["a folder", (path) => mkdirSync(path), /is no file that can grow/],
    ["a file in no folder", () => undefined, /there is no folder/],
    [
      "a packed file",
      (path) => writeFileSync(path, gzipSync("a,b\n1,2\n")),
      /is packed; --follow reads logs/,
    ],
    ["what is no text", (path) => writeFileSync(path, "PAR1\0"), /holds NUL bytes; --follow reads logs/],
  ])("%s is refused", async (what, make, said) => {
    const path = newLog();
    make(path);
    const log = what === "a file in no folder" ? join(path, "conn.log") : path;
    await expect(new Following(log, CSV).failed()).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(said),
    });
  });
});

describe("score-batch --follow", () => {
  test.each([
    ["SIGINT", "truncated"],
    ["SIGTERM", "renamed"],
  ] as const)("ends on %s with what is complete written, and with status 0", async (signal, rotation) => {
    const scorer = await createScorer(MODEL);
    const flow = (value: number): string =>
      JSON.stringify(
        Object.fromEntries(scorer.columns.map(({ name, kind }) => [name, kind === "number" ? value : "a"])),
      );
    await scorer.close();
    const path = newLog();
    writeFileSync(path, `${flow(1)}\n`);
    const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin/score-batch.cjs"), "--follow", path]);
    let [written, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const ended = once(child, "close");
    const lines = (count: number): Promise<void> =>
      vi.waitFor(() => expect(written.split("\n")).toHaveLength(count + 1), {
        timeout: 20_000,
        interval: 10,
      });
    await lines(1);
    if (rotation === "renamed") renameSync(path, `${path}.old`);
    writeFileSync(path, `${flow(2)}\n${flow(3)}\n${flow(4).slice(0, 20)}`);
    await lines(3);
    child.kill(signal);
    expect(await ended, said).toEqual([0, null]);
    expect(
      written
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).is_anomaly),
    ).toHaveLength(3);
    expect(said).toMatch(/left out +1 last lines? without an end\nflows +3 /);
  });

  test("refuses what does not go with a log that grows", async () => {
    const refused: readonly (readonly [string[], RegExp])[] = [
      [["-"], /--follow goes with a log's file; standard input \(-\)/],
      [["a.log", "b.log"], /--follow goes with one log, not a\.log b\.log/],
      [["*.log"], /--follow goes with one log/],
      [["a.log", "-o", "b.log"], /--out goes with whole files; .* so use > FILE/],
      [["a.log", "--oddest", "3"], /--oddest goes with whole files/],
      [["a.log", "--from", "zeek"], /--from is for whole files/],
    ];
    const answers = await Promise.all(refused.map(([args]) => run("score-batch", ["--follow", ...args])));
    for (const [index, { status, stderr }] of answers.entries())
      expect([status, stderr]).toEqual([2, expect.stringMatching(refused[index]?.[1] ?? /^$/)]);
  });
});
