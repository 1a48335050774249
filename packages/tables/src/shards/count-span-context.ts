import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContextSpec } from "@oddflow/preprocessing";
import { countedStretch } from "../context/context-slices.ts";
import { ContextBlocksWriter, type CountedContext } from "../context/counted-context.ts";
import { InputReader, type TimeStretch } from "../context/input-reader.ts";
import { type FlowTable, type OpenTable, openTableOf, type RowRange } from "../flow-table.ts";
import { rangeRelation } from "../row-ranges.ts";
import { blameFile } from "../table-source.ts";
import { timeSql } from "../time-sql.ts";
import type { RowGroupSpan } from "./row-group-spans.ts";

/** What is known of a table some of whose rows are scored. */
interface SpanContextOptions {
  readonly spec: ContextSpec;
  readonly unitsPerSecond: number;
  /** The rows of each file's row groups. */
  readonly rowGroups: readonly (readonly number[])[];
  readonly spans: readonly RowGroupSpan[];
  /** What the spans are cut into. */
  readonly ranges: readonly RowRange[];
  readonly signal: AbortSignal;
}

/**
 * Counts the context of some rows of a table whose files hold all flows of the longest window before them: to the last bit what it is
 * in a table of all flows, since nothing older counts.
 * @returns where each range's is, in a file of the table's own folder
 * @throws what `countContext` throws
 */
export async function countSpanContext(
  table: FlowTable,
  { spec, unitsPerSecond, rowGroups, spans, ranges, signal }: SpanContextOptions,
): Promise<readonly CountedContext[]> {
  const open = openTableOf(table);
  const { session, files, source } = open;
  let reader: InputReader | undefined;
  let writer: ContextBlocksWriter | undefined;
  const stop = (): void => reader?.interrupt();
  signal.addEventListener("abort", stop);
  try {
    const own = await stretchOf(open, spec, { rowGroups, spans, unitsPerSecond });
    const segments = segmentsOf(rowGroups, ranges);
    const starts = [...segments.map(({ start }) => start), rowsOf(rowGroups.flat())];
    reader = new InputReader(open, spec, { byTime: countedStretch(spec, own) });
    const { width } = reader.state;
    const folder = join(session.folder, "context");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    writer = new ContextBlocksWriter(join(folder, "spans"), width, starts);
    signal.throwIfAborted();
    await reader.start();
    for (let flows = await reader.read(); flows > 0; flows = await reader.read()) {
      signal.throwIfAborted();
      for (let i = 0; i < flows; i++) {
        const row = reader.rowOf(i);
        if (reader.timeOf(i) >= own.from && isOwn(segments, row)) writer.add(row, reader.context, i * width);
      }
    }
    const counted = writer.finish();
    return segments.flatMap(({ isRange }, k) => (isRange ? [counted[k] ?? []] : []));
  } catch (thrown) {
    signal.throwIfAborted();
    throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
  } finally {
    signal.removeEventListener("abort", stop);
    writer?.close();
    reader?.close();
  }
}

/** The times of the rows of spans. */
async function stretchOf(
  open: OpenTable,
  spec: ContextSpec,
  { rowGroups, spans, unitsPerSecond }: Pick<SpanContextOptions, "rowGroups" | "spans" | "unitsPerSecond">,
): Promise<TimeStretch> {
  const { value } = await timeSql(open, spec.time);
  const relations = await Promise.all(
    spans.map(async ({ file, firstGroup, groups }) => {
      const all = rowGroups[file] as readonly number[];
      const taken = all.slice(firstGroup, firstGroup + groups);
      const range = { file, first: rowsOf(all.slice(0, firstGroup)), rows: rowsOf(taken), rowGroups: taken };
      return `SELECT ${value} AS time FROM ${await rangeRelation(open, range)}`;
    }),
  );
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k < relations.length; k += SPANS_AT_ONCE) {
    const some = relations.slice(k, k + SPANS_AT_ONCE).join(" UNION ALL ");
    const [found] = await open.session.query(
      `SELECT min(time) AS least, max(time) AS most FROM (${some}) WHERE isfinite(time)`,
    );
    if (found?.["least"] === null || found === undefined) continue;
    from = Math.min(from, Number(found["least"]));
    to = Math.max(to, Number(found["most"]));
  }
  // A second more, since the end is not in it.
  return { from, until: to + unitsPerSecond, unitsPerSecond };
}

/** A statement's text and plan grow with each. */
const SPANS_AT_ONCE = 50;

/** Rows of the table that follow each other: a range, or what lies between two. */
interface Segment {
  readonly start: number;
  readonly isRange: boolean;
}

function segmentsOf(
  rowGroups: readonly (readonly number[])[],
  ranges: readonly RowRange[],
): readonly Segment[] {
  const fileStarts = [0];
  for (const groups of rowGroups) fileStarts.push((fileStarts.at(-1) as number) + rowsOf(groups));
  const segments: Segment[] = [];
  let next = 0;
  for (const { file, first, rows } of ranges) {
    const start = (fileStarts[file] as number) + first;
    if (start > next) segments.push({ start: next, isRange: false });
    segments.push({ start, isRange: true });
    next = start + rows;
  }
  if (next < (fileStarts.at(-1) as number)) segments.push({ start: next, isRange: false });
  return segments;
}

function isOwn(segments: readonly Segment[], row: number): boolean {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle] as Segment).start <= row) low = middle;
    else high = middle - 1;
  }
  return segments[low]?.isRange === true;
}

function rowsOf(rowGroups: readonly number[]): number {
  return rowGroups.reduce((sum, rows) => sum + rows, 0);
}
