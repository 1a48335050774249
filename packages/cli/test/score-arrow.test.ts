import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { Field, Float64, Schema, Table, tableFromIPC, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { StreamSummary } from "../src/pipe/stream-scoring.ts";
import { scoreArrow } from "../src/score-arrow.ts";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, ROOT, readNdjson, run, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

let scorer: Scorer;
/** The fixture's flows with the scores that score-batch gives them. */
let flows: Record<string, unknown>[];
beforeAll(async () => {
  scorer = await createScorer(MODEL);
  await runHere("score-batch", [await someFlows("row < 3000"), "-m", MODEL, "-o", at("some.ndjson")]);
  flows = readNdjson(at("some.ndjson"));
});
afterAll(() => scorer.close());

const SCORES = ["score", "is_anomaly", "probability"];

/** A stream of flows without their scores, in batches of so many rows. */
function streamOf(records: readonly Record<string, unknown>[], batchRows = records.length): Uint8Array {
  const names = Object.keys(flows[0] ?? {}).filter((name) => !SCORES.includes(name));
  const type = (name: string): Float64 | Utf8 =>
    flows.some((flow) => typeof flow[name] === "string") ? new Utf8() : new Float64();
  const schema = new Schema(names.map((name) => new Field(name, type(name), true)));
  const tables = Array.from({ length: Math.ceil(records.length / batchRows) }, (_, k) => {
    const rows = records.slice(k * batchRows, (k + 1) * batchRows);
    const columns = names.map((name) => [
      name,
      vectorFromArray(
        rows.map((row) => row[name] ?? null),
        type(name),
      ),
    ]);
    return new Table(Object.fromEntries(columns));
  });
  return tableToIPC(
    new Table(
      schema,
      tables.flatMap(({ batches }) => batches),
    ),
    "stream",
  );
}

/** What comes out for what goes in, in pieces. */
async function pipe(
  pieces: readonly Uint8Array[],
): Promise<{ readonly written: Buffer; readonly summary: StreamSummary }> {
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  const input = Readable.from(pieces);
  const summary = await scoreArrow(input, output, scorer, { threshold: 3, top: 0, fields: "all" }).finally(
    () => output.end(),
  );
  return { written: Buffer.concat(chunks), summary };
}

/** Runs the built command on bytes. */
async function command(
  args: readonly string[],
  input: Uint8Array,
): Promise<{ readonly status: number; readonly written: Buffer; readonly said: string }> {
  const program = join(ROOT, "packages/cli/bin/oddflow.js");
  const child = spawn(process.execPath, [program, "score", "-", "-m", MODEL, ...args]);
  const chunks: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [status] = await once(child, "close");
  return { status: Number(status), written: Buffer.concat(chunks), said };
}

const scoresIn = (bytes: Uint8Array): number[] => [...(tableFromIPC(bytes).getChild("score") ?? [])];

/** How many rows of a stream have come whole. */
function wholeRows(bytes: Uint8Array): number {
  try {
    return scoresIn(bytes).length;
  } catch {
    return 0;
  }
}

describe("oddflow score - --from arrow", () => {
  test("gives the scores of score-batch to the last bit, in batches of any size", async () => {
    const expected = flows.map((flow) => Math.fround(Number(flow["score"])));
    for (const batchRows of [3000, 700, 1]) {
      const some = flows.slice(0, batchRows === 1 ? 40 : 3000);
      const { written, summary } = await pipe([streamOf(some, batchRows)]);
      expect(scoresIn(written)).toEqual(expected.slice(0, some.length));
      expect(summary.flows).toBe(some.length);
      expect(summary.takenFor).toBe("an Arrow IPC stream");
    }
  });

  test("answers a batch before the next one comes", async () => {
    const bytes = streamOf(flows.slice(0, 20), 10);
    const output = new PassThrough();
    const input = new PassThrough();
    const scored = scoreArrow(input, output, scorer, { threshold: 3, top: 0, fields: "all" });
    const chunks: Buffer[] = [];
    output.on("data", (chunk: Buffer) => chunks.push(chunk));
    const most = Math.floor(bytes.length * 0.75);
    input.write(bytes.subarray(0, most));
    await vi.waitFor(() => expect(wholeRows(Buffer.concat(chunks))).toBe(10), 20_000);
    expect(output.readableEnded).toBe(false);
    input.end(bytes.subarray(most));
    expect((await scored).flows).toBe(20);
  });

  test("takes a stream without batches, batches without rows, and a file on standard input", async () => {
    const { written, summary } = await pipe([streamOf([])]);
    expect(
      tableFromIPC(written)
        .schema.fields.map(({ name }) => name)
        .slice(-3),
    ).toEqual(SCORES);
    expect(summary.flows).toBe(0);
    // A file is a stream between a magic word and a footer.
    const file = await pipe([Buffer.from("ARROW1\0\0"), streamOf(flows.slice(0, 5)), Buffer.from("footer")]);
    expect(scoresIn(file.written).length).toBe(5);
    const none = tableFromIPC(streamOf(flows.slice(0, 3))).slice(0, 0);
    expect(scoresIn((await pipe([tableToIPC(none, "stream")])).written)).toEqual([]);
  });

  test("refuses in one line, with status 3, what is no whole stream, and answers what came before", async () => {
    const bytes = streamOf(flows.slice(0, 20), 10);
    const cut = await command(["--from", "arrow"], bytes.subarray(0, bytes.length - 100));
    expect(cut.status).toBe(3);
    expect(cut.said).toMatch(/^oddflow: score: standard input cannot be read as an Arrow IPC stream: .*\n$/);
    expect(scoresIn(cut.written).length).toBe(10);
    const refusals = await Promise.all(
      [new Uint8Array(), Buffer.from('{"dur": 1}\n'), Buffer.concat([bytes, bytes])].map((input) =>
        pipe([input]).catch((thrown: unknown) => thrown),
      ),
    );
    expect(refusals.map(String)).toEqual([
      expect.stringContaining("nothing has come"),
      expect.stringContaining("a message was expected"),
      expect.stringContaining("more bytes stand behind its end"),
    ]);
  });

  test("says which columns it lacks, and which value is no number", async () => {
    const lacking = tableToIPC(tableFromIPC(streamOf(flows.slice(0, 3))).select(["dur"]), "stream");
    await expect(pipe([lacking])).rejects.toThrow(/standard input lacks \d+ columns/);
    const table = tableFromIPC(streamOf(flows.slice(0, 3)));
    const texts = table.assign(new Table({ dur: vectorFromArray(["1", "2", "fast"], new Utf8()) }));
    await expect(pipe([tableToIPC(texts, "stream")])).rejects.toThrow(
      'score: row 3 of standard input, column "dur": "fast" found, a number expected',
    );
  });

  test("goes with standard input and with nothing that does nothing", async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await run("oddflow", ["score", ...args]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await refused(FLOWS, "--from", "arrow")).toContain("--from arrow reads standard input");
    expect(await refused("-", "--to", "arrow")).toContain("--to arrow goes with --from arrow");
    expect(await refused("-", "--from", "arrow", "--max-latency", "10ms")).toContain(
      "answered as soon as it has come",
    );
    const { status, written } = await command(
      ["--from", "arrow", "--to", "arrow"],
      streamOf(flows.slice(0, 3)),
    );
    expect([status, scoresIn(written).length]).toEqual([0, 3]);
  });
});
