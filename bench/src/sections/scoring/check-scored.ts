import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { NumberCoding } from "@oddflow/preprocessing";
import { openTable } from "@oddflow/tables";
import { expectScores, expectTrue } from "../../case.ts";

const SCORE: NumberCoding = { name: "score", kind: "number" };

/**
 * Throws unless a scored table has its rows, its columns and the scores of a reference run.
 * @param reference the scores' bytes, float32, one a row
 */
export async function checkScored(path: string, flows: number, reference: Uint8Array): Promise<void> {
  const table = await openTable(path);
  const names = table.columns.map(({ name }) => name);
  table.close();
  for (const name of ["flow_id", "score", "is_anomaly"]) {
    expectTrue(names.includes(name), `${path} has no column ${name}`);
  }
  const scores = await readScores(path);
  expectTrue(scores.length === flows, `${path} has ${scores.length} rows of ${flows}`);
  expectScores(path, scores, new Float32Array(Uint8Array.from(reference).buffer));
}

/** Throws unless lines of JSON have the scores of a scored table. */
export async function checkLines(path: string, scoredTable: string): Promise<void> {
  const scores: number[] = [];
  for await (const line of createInterface(createReadStream(path))) {
    scores.push((JSON.parse(line) as { score: number }).score);
  }
  const expected = await readScores(scoredTable);
  expectTrue(scores.length === expected.length, `${path} has ${scores.length} lines of ${expected.length}`);
  expectScores(path, scores, expected);
}

/** Throws unless two scored tables have the same scores. */
export async function checkSameScores(path: string, otherPath: string): Promise<void> {
  const [scores, expected] = [await readScores(path), await readScores(otherPath)];
  expectTrue(scores.length === expected.length, `${path} has ${scores.length} rows of ${expected.length}`);
  expectScores(path, scores, expected);
}

/** Throws unless a table has so many rows. */
export async function checkRows(path: string, rows: number): Promise<void> {
  const table = await openTable(path);
  expectTrue(table.rows === rows, `${path} has ${table.rows} rows of ${rows}`);
  table.close();
}

async function readScores(path: string): Promise<Float32Array> {
  const table = await openTable(path);
  try {
    const scores = new Float32Array(table.rows);
    let first = 0;
    for await (const { rows, columns } of table.scan([SCORE])) {
      scores.set(columns[0] ?? [], first);
      first += rows;
    }
    return scores;
  } finally {
    table.close();
  }
}
