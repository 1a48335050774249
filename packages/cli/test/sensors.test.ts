import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createScoringService } from "@oddflow/edge-service";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { decideRoles, type FlowTable, openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { scoreStream } from "../src/score-stream.ts";
import { keepingScorer } from "./keeping-scorer.ts";

/** One file of fixtures/sensors, and what it is: seen in the files themselves, which real tools wrote. */
interface SensorCase {
  readonly file: string;
  readonly refused?: string;
  readonly readAs: string | null;
  readonly flows: number;
  readonly leftOut: Readonly<Record<string, number>>;
  /** The column that says when a flow was, and its first value; null where it holds no date. */
  readonly time: string | null;
  readonly first: string | null;
  readonly numbers: number;
  readonly categories: string;
  readonly labels: string;
}

const folder = fileURLToPath(new URL("../../../fixtures/sensors/", import.meta.url));
const cases = JSON.parse(readFileSync(`${folder}expected.json`, "utf8")) as SensorCase[];
const hasNfdump = spawnSync("nfdump", ["-V"]).status === 0;

/** The features of a table, as a model that was trained on it would read them. */
async function featureCodings(table: FlowTable): Promise<ColumnCoding[]> {
  const { decisions } = await decideRoles(table, "auto", new Map());
  const codings: ColumnCoding[] = [];
  for (const { name, role } of decisions) {
    if (role === "number") codings.push({ kind: "number", name });
    if (role !== "category") continue;
    const type = table.columns.find((column) => column.name === name)?.type;
    const valueType = type === "integer" || type === "number" ? "number" : "text";
    const vocabulary = (await table.distinctValues(name, valueType, 1024)).filter(
      (_, index) => index % 5 !== 4,
    );
    codings.push({ kind: "category", name, valueType, vocabulary });
  }
  return codings;
}

async function throughTable(table: FlowTable, columns: readonly ColumnCoding[]): Promise<number[]> {
  const rows: number[] = [];
  for await (const batch of table.scan(columns)) {
    for (let row = 0; row < batch.rows; row++)
      for (const column of batch.columns) rows.push(column[row] ?? 0);
  }
  return rows;
}

async function throughPage(path: string, columns: readonly ColumnCoding[]): Promise<number[]> {
  const table = await readTable(new Blob([readFileSync(path)]), path, () => undefined);
  const flows = new Float32Array(table.rows * columns.length);
  encodeColumns(table, columns).encode(0, table.rows, flows);
  return [...flows];
}

async function throughPipe(path: string, columns: readonly ColumnCoding[]): Promise<number[]> {
  const seen: number[] = [];
  const output = new PassThrough();
  output.resume();
  const bytes = readFileSync(path);
  // Cut in the middle of lines, as a pipe is.
  const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 1000), bytes.subarray(1000)];
  await scoreStream(Readable.from(pieces), output, keepingScorer(columns, seen), {
    threshold: 1,
    top: 0,
    fields: "all",
  });
  return seen;
}

async function throughService(path: string, columns: readonly ColumnCoding[]): Promise<number[]> {
  const seen: number[] = [];
  const body = readFileSync(path);
  const first = String.fromCharCode(body[0] ?? 0);
  const type = { "[": "application/json", "{": "application/x-ndjson" }[first] ?? "text/csv";
  const request = new Request("http://localhost/score", {
    method: "POST",
    body,
    headers: { "content-type": type, accept: "application/x-ndjson" },
  });
  const response = await createScoringService(keepingScorer(columns, seen)).fetch(request);
  const answers = await response.text();
  expect(response.status, answers).toBe(200);
  // What is no flow is answered in its place.
  for (const answer of answers.trim().split("\n")) {
    const { rejected } = JSON.parse(answer) as { rejected?: { code: string } };
    if (rejected) expect(rejected.code).toBe("NO_FLOW");
  }
  return seen;
}

/** NaN is a value here. */
function written(rows: readonly number[]): string[] {
  return rows.map((value) => String(value));
}

describe("what sensors write", () => {
  test.each(cases)("$file is read as it is, and alike through every door", async (wanted) => {
    const path = folder + wanted.file;
    const isNfcapd = wanted.file.includes("nfcapd.");
    if (wanted.refused !== undefined || (isNfcapd && !hasNfdump)) {
      await expect(openTable(path)).rejects.toMatchObject({ code: wanted.refused ?? "TABLE_UNREADABLE" });
      return;
    }
    const table = await openTable(path, { threads: 1 });
    try {
      const { decisions } = await decideRoles(table, "auto", new Map());
      const named = (role: string): string[] =>
        decisions.filter((decision) => decision.role === role).map(({ name }) => name);
      const [reading] = table.readings;
      const time = await table.timeColumn();
      expect({
        file: wanted.file,
        readAs: reading?.takenFor ?? null,
        flows: table.rows,
        leftOut: Object.fromEntries(reading?.leftOut ?? []),
        time: time ?? null,
        first: wanted.first && new Date(((await table.times(time ?? ""))[0] ?? 0) * 1000).toISOString(),
        numbers: named("number").length,
        categories: named("category").join(", "),
        labels: named("label").join(", "),
      }).toEqual(wanted);

      const columns = await featureCodings(table);
      const rows = written(await throughTable(table, columns));
      expect(rows).toHaveLength(wanted.flows * columns.length);
      if (isNfcapd) return;
      expect(written(await throughPage(path, columns)), "the page").toEqual(rows);
      // A pipe and a body are unpacked by whoever sends them, and a log whose fields change lacks columns of the first ones.
      if (path.endsWith(".gz") || path.includes("fields-change")) return;
      expect(written(await throughPipe(path, columns)), "a pipe").toEqual(rows);
      expect(written(await throughService(path, columns)), "the service").toEqual(rows);
    } finally {
      table.close();
    }
  });
});
