import type { ContextSpec } from "@oddflow/preprocessing";
import { checkOpenContext } from "../check-columns.ts";
import type { OpenTable } from "../flow-table.ts";
import { readTimes } from "../read-times.ts";
import { InputReader } from "./input-reader.ts";

/** The context of a table's flows, in the order of its rows. */
export interface ContextRows {
  /** The context of the next rows, a column at a time. */
  next(rows: number): Promise<readonly Float32Array[]>;
  /** Ends the reading. */
  close(): void;
}

/**
 * Counts the context of a table's flows by time, whatever the order of its rows. Where rows are in the order of their times, it is
 * counted while it is read; else all of it waits in memory, 4 bytes a value.
 * @throws OddflowError COLUMNS_MISSING, COLUMN_TYPE, TABLE_UNREADABLE
 */
export async function openContextRows(
  open: OpenTable,
  spec: ContextSpec,
  signal: AbortSignal | undefined,
): Promise<ContextRows> {
  await checkOpenContext(open, spec);
  const { times, unitsPerSecond } = await readTimes(open, spec.time);
  signal?.throwIfAborted();
  if (isAscending(times)) return inPieces(new InputReader(open, spec, { times }), spec);
  const all = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, unitsPerSecond };
  const reader = new InputReader(open, spec, { byTime: all });
  try {
    const { width } = reader.state;
    const context = new Float32Array(times.length * width).fill(Number.NaN);
    await reader.start();
    for (;;) {
      signal?.throwIfAborted();
      const flows = await reader.read();
      if (flows === 0) return contextFromMemory(context, width);
      for (let i = 0; i < flows; i++) {
        const to = reader.rowOf(i) * width;
        for (let k = 0; k < width; k++) context[to + k] = reader.context[i * width + k] as number;
      }
    }
  } finally {
    reader.close();
  }
}

/** Rows without a time are where they are. */
function isAscending(times: Float64Array): boolean {
  let latest = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < latest) return false;
    if (time > latest) latest = time;
  }
  return true;
}

function inPieces(reader: InputReader, spec: ContextSpec): ContextRows {
  const { width } = reader.state;
  let [held, used, isStarted] = [0, 0, false];
  return {
    async next(rows) {
      if (!isStarted) await reader.start();
      isStarted = true;
      const columns = Array.from({ length: width }, () => new Float32Array(rows));
      for (let done = 0; done < rows; done++) {
        if (used === held) {
          held = await reader.read();
          used = 0;
          if (held === 0)
            throw new Error(`context of ${spec.source.join(", ")}: fewer rows than the table has`);
        }
        const at = used++ * width;
        for (let k = 0; k < width; k++) (columns[k] as Float32Array)[done] = reader.context[at + k] as number;
      }
      return columns;
    },
    close: () => reader.close(),
  };
}

/** @param context row-major `[rows, width]` */
export function contextFromMemory(context: Float32Array, width: number): ContextRows {
  let first = 0;
  return {
    async next(rows) {
      const columns = Array.from({ length: width }, () => new Float32Array(rows));
      for (let i = 0; i < rows; i++) {
        const at = (first + i) * width;
        for (let k = 0; k < width; k++) (columns[k] as Float32Array)[i] = context[at + k] as number;
      }
      first += rows;
      return columns;
    },
    close: () => undefined,
  };
}
