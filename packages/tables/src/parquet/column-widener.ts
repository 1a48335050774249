import { closeSync, openSync } from "node:fs";
import type { ThriftStruct, ThriftValue } from "@oddflow/flow-sources";
import { storedStruct } from "@oddflow/flow-sources";
import type { AssembledFile } from "../assembled-file.ts";
import { type AddedColumn, addedChunk, addedTextColumn } from "./added-columns.ts";
import { constantPages } from "./constant-columns.ts";
import { COLUMN, COLUMN_METADATA, FILE, footerBytes, MAGIC, ROW_GROUP, SCHEMA } from "./footer.ts";
import { keptKeyValues } from "./key-values.ts";
import type { ScorePage, ScorePages } from "./score-pages.ts";
import { copiedChunk } from "./stored-columns.ts";
import {
  asStruct,
  binary,
  int32,
  int64,
  integerField,
  integerOr0,
  struct,
  structs,
  structsField,
} from "./thrift-values.ts";
import { writeThriftStruct } from "./thrift-writer.ts";
import { type PlannedForm, type PlannedGroup, type WideningPlan, whereSame } from "./widening-plan.ts";

/** Writes the widened file. */
export class ColumnWidener {
  readonly #plan: WideningPlan;
  readonly #scores: readonly AddedColumn[];
  readonly #target: AssembledFile;
  readonly #groups: readonly (PlannedGroup & { readonly path: string })[];
  readonly #written: ThriftStruct[] = [];
  #waiting: ScorePages[] = [];
  #source: { readonly path: string; readonly file: number } | undefined;

  /** @param target the empty file to write to */
  constructor(plan: WideningPlan, scores: readonly AddedColumn[], target: AssembledFile) {
    this.#plan = plan;
    this.#scores = scores;
    this.#target = target;
    this.#groups = plan.files.flatMap(({ path, groups }) => groups.map((group) => ({ ...group, path })));
  }

  /** Takes the pages of the next rows, none of which lie in two row groups, and writes a row group that is complete. */
  append(pages: ScorePages): void {
    const next = this.#groups[this.#written.length];
    if (next === undefined) throw new Error("widen Parquet: there are more scores than rows");
    this.#waiting.push(pages);
    const rows = this.#waiting.reduce((sum, own) => sum + own.rows, 0);
    if (rows > next.rows)
      throw new Error(`widen Parquet: ${rows} scores for a row group of ${next.rows} rows`);
    if (rows === next.rows) this.#writeGroup(next, this.#waiting.splice(0));
  }

  /** Writes the footer. */
  finish(): void {
    if (this.#written.length < this.#groups.length)
      throw new Error("widen Parquet: there are fewer scores than rows");
    this.#begin();
    this.#target.write(footerBytes(this.#footer()));
    this.close();
  }

  /** Lets go of the input; harmless twice. */
  close(): void {
    if (this.#source) closeSync(this.#source.file);
    this.#source = undefined;
  }

  #begin(): void {
    if (this.#target.bytes === 0) this.#target.write(MAGIC);
  }

  #writeGroup(
    { path, rows, chunks: stored }: PlannedGroup & { readonly path: string },
    pages: readonly ScorePages[],
  ): void {
    this.#begin();
    const start = this.#target.bytes;
    const source = this.#open(path);
    const chunks: ThriftStruct[] = [];
    for (const chunk of stored()) {
      chunks.push(copiedChunk(chunk, this.#target.bytes));
      this.#target.copy(source, chunk.start, chunk.end);
    }
    for (const constant of this.#plan.constants) {
      const { column, pages: own } = constantPages(constant, path, rows);
      chunks.push(this.#writeChunk(column, own));
    }
    for (const [k, column] of this.#scores.entries()) {
      const own = pages.flatMap((group) => group.pages[k] ?? []);
      chunks.push(this.#writeChunk(column, own));
    }
    const bytes = chunks
      .map((chunk) => integerField(asStruct(chunk.fields.get(COLUMN.metadata)), COLUMN_METADATA.bytes))
      .reduce((sum, size) => sum + size, 0n);
    const group = struct({
      [ROW_GROUP.columns]: structs(chunks),
      [ROW_GROUP.bytes]: int64(bytes),
      [ROW_GROUP.rows]: int64(rows),
      [ROW_GROUP.offset]: int64(start),
      [ROW_GROUP.compressedBytes]: int64(this.#target.bytes - start),
    });
    this.#written.push(storedStruct(writeThriftStruct(group)));
  }

  #writeChunk(column: AddedColumn, pages: readonly ScorePage[]): ThriftStruct {
    const chunk = addedChunk(column, pages, this.#target.bytes);
    if (column.dictionary) this.#target.write(column.dictionary.bytes);
    for (const page of pages) this.#target.write(page.bytes);
    return chunk;
  }

  #open(path: string): number {
    if (this.#source?.path !== path) {
      this.close();
      this.#source = { path, file: openSync(path, "r") };
    }
    return this.#source.file;
  }

  #footer(): ThriftStruct {
    const { files, schema, constants } = this.#plan;
    const added = [...constants.map(({ name }) => addedTextColumn(name)), ...this.#scores];
    const own = added.flatMap((column) => column.schema);
    const forms = [...new Set(files.map(({ form }) => form))];
    const kept = forms[0]?.kept ?? [];
    const root = struct({
      [SCHEMA.name]: binary("schema"),
      [SCHEMA.children]: int32(kept.length + added.length),
    });
    const rows = this.#written.reduce((sum, group) => sum + integerField(group, ROW_GROUP.rows), 0n);
    return struct({
      [FILE.version]: int32(Math.max(...forms.map(({ footer }) => Number(integerOr0(footer, FILE.version))))),
      [FILE.schema]: structs([root, ...schema, ...own]),
      [FILE.rows]: int64(rows),
      [FILE.rowGroups]: structs(this.#written),
      [FILE.keyValues]: keptKeyValues(
        forms.map(({ footer }) => footer),
        kept.map(({ name }) => name),
        added.map(({ path: [name = ""], arrowType }) => ({ name, type: arrowType })),
      ),
      // Readers know by the writer's name which of its statistics to trust.
      [FILE.createdBy]: whereSame(forms.map(({ footer }) => footer.fields.get(FILE.createdBy))),
      [FILE.columnOrders]: columnOrders(forms, added.length),
    });
  }
}

/** How the columns' statistics are to be read; unknown where a file does not say, or another than the first says. */
function columnOrders(forms: readonly PlannedForm[], added: number): ThriftValue | undefined {
  const ofForms = forms.map(({ footer, kept }) => {
    if (!footer.fields.has(FILE.columnOrders)) return undefined;
    const orders = structsField(footer, FILE.columnOrders);
    return structs(kept.flatMap(({ first, count }) => orders.slice(first, first + count)));
  });
  const orders = whereSame(ofForms);
  const byType = struct({ 1: struct({}) });
  return orders?.type === "list"
    ? structs([...orders.items, ...Array.from({ length: added }, () => byType)])
    : undefined;
}
