import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createScoringService } from "@oddflow/edge-service";
import type { CategoryValueType, ColumnSpec } from "@oddflow/preprocessing";
import { checkColumns, openTable } from "@oddflow/tables";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { scoreStream } from "../src/score-stream.ts";
import { keepingScorer } from "./keeping-scorer.ts";

/** One file of fixtures/formats, and what it is in every door: rows, or a refusal. */
interface FormatCase {
  readonly file: string;
  readonly rows?: readonly (readonly (number | string | null)[])[];
  readonly refused?: string;
  readonly line?: number;
  /** What p's vocabulary is, where it is another than in `columns`. */
  readonly vocabulary?: readonly string[];
  readonly valueType?: CategoryValueType;
}

/** What a door made of a file. */
type Outcome = { readonly rows: unknown } | { readonly refused: string; readonly message: string };

const folder = fileURLToPath(new URL("../../../fixtures/formats/", import.meta.url));
const { cases } = JSON.parse(readFileSync(`${folder}expected.json`, "utf8")) as { cases: FormatCase[] };

const number = (name: string): ColumnSpec => ({
  kind: "number",
  name,
  median: 0,
  transform: "identity",
  mean: 0,
  scale: 1,
});

function category(name: string, valueType: CategoryValueType, vocabulary: readonly string[]): ColumnSpec {
  return {
    kind: "category",
    name,
    valueType,
    vocabulary,
    missingCode: 0,
    encoding: "label",
    mean: 0,
    scale: 1,
  };
}

function columnsOf({
  vocabulary = ["tcp", "udp", "x"],
  valueType = "text",
}: Partial<FormatCase> = {}): ColumnSpec[] {
  return [number("n"), category("p", valueType, vocabulary)];
}

/** Encoded values as the expectations write them; JSON has neither NaN nor infinities. */
function written(values: ArrayLike<number>): (number | string | null)[][] {
  const texts = Array.from(values, (value) =>
    Number.isNaN(value) ? null : Number.isFinite(value) ? value : value > 0 ? "inf" : "-inf",
  );
  return Array.from({ length: texts.length / 2 }, (_, row) => texts.slice(2 * row, 2 * row + 2));
}

async function attempt(read: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await read();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { refused: code ?? "no code", message };
  }
}

/** What score-batch reads. */
async function throughTable(path: string, columns: readonly ColumnSpec[]): Promise<Outcome> {
  const table = await openTable(path);
  try {
    await checkColumns(table, columns);
    const rows: number[] = [];
    for await (const batch of table.scan(columns)) {
      for (let row = 0; row < batch.rows; row++)
        for (const column of batch.columns) rows.push(column[row] ?? 0);
    }
    return { rows: written(rows) };
  } finally {
    table.close();
  }
}

/** What the page reads. */
async function throughPage(path: string, columns: readonly ColumnSpec[]): Promise<Outcome> {
  const table = await readTable(new Blob([readFileSync(path)]), path, () => undefined);
  const flows = new Float32Array(table.rows * columns.length);
  encodeColumns(table, columns).encode(0, table.rows, flows);
  return { rows: written(flows) };
}

const BODY_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  json: "application/json",
  ndjson: "application/x-ndjson",
};

const PROBLEMS: Readonly<Record<string, string>> = {
  "unreadable-body": "TABLE_UNREADABLE",
  "missing-columns": "COLUMNS_MISSING",
};

/** What a pipe hands to its scorer. */
async function throughPipe(path: string, columns: readonly ColumnSpec[]): Promise<Outcome> {
  const seen: number[] = [];
  const output = new PassThrough();
  output.resume();
  const options = { threshold: 1, top: 0, fields: "all" } as const;
  const summary = await scoreStream(
    Readable.from([readFileSync(path)]),
    output,
    keepingScorer(columns, seen),
    options,
  );
  return summary.flows === 0 ? { refused: "TABLE_EMPTY", message: "" } : { rows: written(seen) };
}

/** What the service hands to its scorer. A record that it rejects is a refusal here. */
async function throughService(path: string, columns: readonly ColumnSpec[]): Promise<Outcome> {
  const seen: number[] = [];
  const scorer = keepingScorer(columns, seen);
  const type = BODY_TYPES[path.split(".").at(-1) ?? ""] ?? "";
  const request = new Request("http://localhost/score", {
    method: "POST",
    body: readFileSync(path),
    headers: { "content-type": type, accept: "application/x-ndjson" },
  });
  const response = await createScoringService(scorer).fetch(request);
  if (response.status !== 200) {
    const { type: problem, detail } = (await response.json()) as { type: string; detail: string };
    const kind = problem.split(":").at(-1) ?? "";
    return { refused: PROBLEMS[kind] ?? kind, message: detail };
  }
  const answers = (await response.text()).split("\n").filter((line) => line !== "");
  for (const answer of answers) {
    const { rejected, error } = JSON.parse(answer) as {
      rejected?: { code: string; message: string };
      error?: { type: string; detail: string };
    };
    if (rejected) return { refused: rejected.code, message: rejected.message };
    if (error) return { refused: PROBLEMS[error.type.split(":").at(-1) ?? ""] ?? "", message: error.detail };
  }
  if (answers.length === 0) return { refused: "TABLE_EMPTY", message: "" };
  return { rows: written(seen) };
}

/** Codes that say the same: a table is refused where one of its records is, and the service refuses the record. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  // No record of the body can be used.
  NO_NUMBER: ["COLUMN_TYPE", "VALUE_NOT_A_NUMBER", "unusable-records"],
  COLUMNS_MISSING: ["COLUMNS_MISSING", "unusable-records"],
  NESTED: ["COLUMN_TYPE", "VALUE_NOT_A_NUMBER", "RECORD_INVALID"],
  TABLE_UNREADABLE: ["TABLE_UNREADABLE", "RECORD_INVALID"],
};

describe.each([
  ["a table", throughTable, /./],
  ["the page", throughPage, /./],
  ["the service", throughService, /./],
  ["a pipe", throughPipe, /./],
] as const)("through %s", (door, read, files) => {
  test.each(cases.filter(({ file }) => files.test(file)))("$file", async (one) => {
    const { file, rows, refused, line } = one;
    const outcome = await attempt(() => read(folder + file, columnsOf(one)));
    if (rows !== undefined) {
      expect(outcome).toEqual({ rows });
      return;
    }
    expect(outcome).toHaveProperty("refused");
    const { refused: code, message } = outcome as { refused: string; message: string };
    expect(SAME[refused ?? ""] ?? [refused], message).toContain(code);
    // The service counts records where it rejects one, and the page does not know lines of bytes.
    const countsRecords =
      door === "the service" &&
      !file.endsWith(".ndjson") &&
      (code === "RECORD_INVALID" || file.endsWith(".json"));
    const tellsLine = line !== undefined && !countsRecords && !/UTF-8/.test(message);
    if (tellsLine) expect(message).toMatch(new RegExp(`\\bline ${line}\\b`));
  });
});

const cell = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("1", "0.5", "tcp", "udp", "") },
  fc.constantFrom(
    '"tcp"',
    ' "1" ',
    '""',
    '"a""b"',
    '"a\nb"',
    '"a\r\nb"',
    'a"b',
    '"open',
    '"x"y',
    '"\\\\"',
    "x,y",
  ),
  // Cells that look like a number, a truth or a time where all of their column do.
  fc.constantFrom("T", "F", "true", "False", "01", "1.50", "nan", "-nan", "2024-01-01", "12:30", "1e2", "+1"),
  fc.constantFrom(" ", "\t", "1_000", "0x1b", "1e400", "-", "#1", "\\", "\ufeff", "é", "2024-01-01 10:00:00"),
);
const row = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom("1", "0.5", "", "-"), cell).map((cells) => cells.join(",")),
  },
  fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(",")),
  fc.constantFrom("n,p", "2,udp,", "2,udp,,", '2,udp,""'),
);
const header = fc.constantFrom(
  "n,p",
  "n,p",
  "p,n",
  " n , p",
  '"n",p',
  "n,p,",
  "\ufeffn,p",
  "n,n,p",
  "N,n,p",
  "\nn,p",
);
/** p as each kind of column, with some of its cells in the vocabulary. */
const coding = fc.oneof(
  fc.constant(
    category("p", "text", ["tcp", "udp", "x", "T", "true", "1", "01", "1.50", "nan", "2024-01-01"]),
  ),
  fc.constant(category("p", "number", ["0", "1", "1.5", "100"])),
  fc.constant(number("p")),
);
const lineEnd = fc.oneof({ weight: 6, arbitrary: fc.constant("\n") }, fc.constantFrom("\r\n", "\r", "\n\n"));

const temporary = mkdtempSync(join(tmpdir(), "oddflow-formats-"));
afterAll(() => rmSync(temporary, { recursive: true }));

test("any CSV is read alike, or refused, through table, page and service", async () => {
  let files = 0;
  const lines = fc.array(fc.tuple(row, lineEnd), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(header, lineEnd, lines, coding, async (names, end, rows, p) => {
      const path = join(temporary, `${files++}.csv`);
      // One row that holds something: a table of none is refused by its name, and a service answers nothing to it.
      const text = [
        [names, end],
        [p.kind === "category" && p.valueType === "text" ? "1,T" : "1,1", end],
        ...rows,
      ]
        .flat()
        .join("");
      writeFileSync(path, text);
      const [table, page, service] = await Promise.all(
        [throughTable, throughPage, throughService].map((read) =>
          attempt(() => read(path, [number("n"), p])),
        ),
      );
      const isRefused = table !== undefined && "refused" in table;
      if (isRefused) expect(table.refused).not.toBe("no code");
      for (const other of [page, service]) {
        if (isRefused) expect(other).toHaveProperty("refused");
        else expect(other).toEqual(table);
      }
    }),
    { numRuns: 40 },
  );
});

test("a row of three million letters, more than DuckDB takes unasked, through table and page", async () => {
  const path = join(temporary, "long.csv");
  writeFileSync(path, `n,p\n1,tcp\n2,${"y".repeat(3_000_000)}\n`);
  const rows = [
    [1, 0],
    [2, 3],
  ];
  expect(await attempt(() => throughTable(path, columnsOf()))).toEqual({ rows });
  expect(await attempt(() => throughPage(path, columnsOf()))).toEqual({ rows });
});
