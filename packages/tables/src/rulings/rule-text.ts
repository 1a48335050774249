import { open } from "node:fs/promises";
import {
  type CsvFault,
  type FlowRow,
  FlowRows,
  RuledJsonWriter,
  RuledRowsWriter,
  readJsonRecord,
  TextDecoding,
  withoutSampling,
} from "@oddflow/flow-sources";
import {
  type FlowRecord,
  isSuppressed,
  OddflowError,
  type Ruling,
  SCORE_COLUMN,
  wasScored,
} from "@oddflow/preprocessing";
import { rowsOptions, unreadableCsv } from "../csv-layout.ts";
import { jsonFramer, readJsonTexts, unreadableJson } from "../json/read-records.ts";
import type { OutputPlace } from "../output-place.ts";
import { checkScored } from "../scored-columns.ts";
import type { TableFile } from "../table-files.ts";
import { readText } from "../unpack.ts";
import { APPLYING, type ApplyRulingsOptions, type RulingCounts, type RulingSource } from "./ruling-source.ts";

type Place = Pick<OutputPlace, "temporary">;
type Options = Pick<ApplyRulingsOptions, "rules" | "hasRules">;

/** Writes lines of JSON again. */
export async function ruleJson(
  file: TableFile,
  { temporary }: Place,
  { rules, hasRules }: Options,
  counts: RulingCounts,
): Promise<void> {
  const writer = new RuledJsonWriter(hasRules);
  const output = await open(temporary, "w");
  try {
    for await (const texts of readJsonTexts(file, jsonFramer(file))) {
      for (const { bytes, start, end, line } of texts) {
        const reading = readJsonRecord(bytes.subarray(start, end));
        if ("problem" in reading) throw unreadableJson(file, `line ${line}: ${reading.problem.found} found`);
        checkScored(APPLYING, Object.keys(reading.record), `line ${line} of ${file.path}`);
        writer.append(bytes, start, end, said(withoutSampling(reading.record), rules, counts));
      }
      await output.writeFile(writer.take());
    }
  } finally {
    await output.close();
  }
}

/** Writes rows of CSV, or of a Zeek log, again. */
export async function ruleRows(
  file: TableFile,
  { temporary }: Place,
  { rules, hasRules }: Options,
  counts: RulingCounts,
): Promise<void> {
  const writer = new RuledRowsWriter(hasRules);
  const read = new FlowRows(({ problem }: CsvFault) => unreadableCsv(file, problem), rowsOptions(file));
  const output = await open(temporary, "w");
  let checked: FlowRow["head"] | undefined;
  const take = async (rows: readonly FlowRow[]): Promise<void> => {
    for (const row of rows) {
      if (row.problem !== undefined) throw unreadableCsv(file, row.problem);
      if (row.noFlow !== undefined) continue;
      const names = row.head.names;
      if (row.head !== checked) checkScored(APPLYING, names, file.path);
      checked = row.head;
      const record = Object.fromEntries(names.map((name, place) => [name, row.cells[place]]));
      writer.append(row, said(record, rules, counts));
    }
    await output.writeFile(writer.take());
  };
  try {
    for await (const piece of readText(file, new TextDecoding())) await take(read.read(piece));
    await take(read.end());
    if (counts.flows === 0) throw new OddflowError("TABLE_EMPTY", `open table: ${file.path}: no rows`);
  } finally {
    await output.close();
  }
}

/** What is said of a flow now. */
function said(
  record: FlowRecord,
  rules: RulingSource,
  counts: RulingCounts,
): { readonly isAnomaly: boolean; readonly ruling: Ruling | null } {
  const was = wasScored(record[SCORE_COLUMN.isAnomaly], record[SCORE_COLUMN.ruleVerdict]);
  const ruling = was.isOdd ? (rules.ruling(record) ?? null) : null;
  counts.add(was, ruling);
  return { isAnomaly: was.isOdd && !isSuppressed(ruling), ruling };
}
