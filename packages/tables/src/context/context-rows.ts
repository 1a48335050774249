import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { type ContextSpec, ContextState, emptyContextFlow } from "@oddflow/preprocessing";
import { checkOpenContext } from "../check-columns.ts";
import type { OpenTable } from "../flow-table.ts";
import { readTimes } from "../read-times.ts";
import { blameFile } from "../table-source.ts";
import { timeSql } from "../time-sql.ts";
import { doubleItems, keyItems } from "../vector-items.ts";
import { contextInputSql, INPUT } from "./context-inputs.ts";

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
  const times = await readTimes(open, spec.time);
  signal?.throwIfAborted();
  const reader = new InputReader(open, spec, times);
  if (isAscending(times)) return inPieces(reader, spec);
  try {
    const { width } = reader.state;
    const context = new Float32Array(times.length * width).fill(Number.NaN);
    const row = new Float32Array(width);
    await reader.start("by time");
    for (;;) {
      signal?.throwIfAborted();
      const flows = await reader.read();
      if (flows === 0) return fromMemory(context, width);
      for (let i = 0; i < flows; i++) {
        reader.add(i, row, 0);
        context.set(row, reader.rowOf(i) * width);
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
  const row = new Float32Array(width);
  let [held, used, isStarted] = [0, 0, false];
  return {
    async next(rows) {
      if (!isStarted) await reader.start("as they come");
      isStarted = true;
      const columns = Array.from({ length: width }, () => new Float32Array(rows));
      for (let done = 0; done < rows; done++) {
        if (used === held) {
          held = await reader.read();
          used = 0;
          if (held === 0)
            throw new Error(`context of ${spec.source.join(", ")}: fewer rows than the table has`);
        }
        reader.add(used++, row, 0);
        for (let k = 0; k < width; k++) (columns[k] as Float32Array)[done] = row[k] as number;
      }
      return columns;
    },
    close: () => reader.close(),
  };
}

function fromMemory(context: Float32Array, width: number): ContextRows {
  let first = 0;
  return {
    async next(rows) {
      const columns = Array.from({ length: width }, (_, k) => {
        const values = new Float32Array(rows);
        for (let i = 0; i < rows; i++) values[i] = context[(first + i) * width + k] as number;
        return values;
      });
      first += rows;
      return columns;
    },
    close: () => undefined,
  };
}

/** Reads what context is counted from, a chunk at a time, and counts it. */
class InputReader {
  readonly state: ContextState;
  readonly #open: OpenTable;
  readonly #spec: ContextSpec;
  readonly #times: Float64Array;
  readonly #flow = emptyContextFlow();
  #connection: DuckDBConnection | undefined;
  #result: DuckDBResult | undefined;
  #chunk: InputChunk = NO_CHUNK;
  #firstRow = 0;

  constructor(open: OpenTable, spec: ContextSpec, times: Float64Array) {
    this.#open = open;
    this.#spec = spec;
    this.#times = times;
    this.state = new ContextState(spec);
  }

  async start(order: "as they come" | "by time"): Promise<void> {
    const { session, files } = this.#open;
    const { expressions, relation } = contextInputSql(this.#open, this.#spec);
    const named = expressions.map((expression, k) => `${expression} AS i${k}`).join(", ");
    let sql = `SELECT ${named}, 0::DOUBLE AS r FROM ${relation(files)}`;
    if (order === "by time") {
      const { value } = await timeSql(this.#open, this.#spec.time);
      const names = expressions.map((_, k) => `i${k}`).join(", ");
      const rows = `SELECT ${named}, ${value} AS t, row_number() OVER () - 1 AS r FROM ${relation(files)}`;
      sql = `SELECT ${names}, r::DOUBLE FROM (${rows}) WHERE isfinite(t) ORDER BY t, r`;
    }
    this.#connection = await session.connect();
    this.#result = await this.#blaming(this.#connection.stream(sql));
    this.#firstRow = order === "by time" ? Number.NaN : 0;
  }

  /** Reads the next flows; gives how many there are, 0 at the end. */
  async read(): Promise<number> {
    if (this.#result === undefined) throw new Error("context: read before the start");
    this.#firstRow += this.#chunk.flows;
    const chunk = await this.#blaming(this.#result.fetchChunk());
    this.#chunk = chunk === null || chunk.rowCount === 0 ? NO_CHUNK : inputChunk(chunk);
    return this.#chunk.flows;
  }

  /** The row of a flow of the chunk. */
  rowOf(flow: number): number {
    const row = this.#firstRow + flow;
    return Number.isNaN(row) ? (this.#chunk.rows[flow] as number) : row;
  }

  /** Counts a flow of the chunk, as `ContextState.add` does. */
  add(index: number, into: Float32Array, at: number): void {
    const { source, destination, port, bytes, packets, failed } = this.#chunk;
    const [low, high] = [2 * index, 2 * index + 1];
    const flow = this.#flow;
    flow.sourceLow = source[low] as number;
    flow.sourceHigh = source[high] as number;
    flow.destinationLow = destination[low] as number;
    flow.destinationHigh = destination[high] as number;
    flow.portLow = port[low] as number;
    flow.portHigh = port[high] as number;
    flow.bytes = bytes[index] as number;
    flow.packets = packets[index] as number;
    flow.failed = failed[index] !== 0;
    const isPlaced =
      (flow.sourceLow !== 0 || flow.sourceHigh !== 0) &&
      (flow.destinationLow !== 0 || flow.destinationHigh !== 0);
    flow.time = isPlaced ? (this.#times[this.rowOf(index)] as number) : Number.NaN;
    this.state.add(flow, into, at);
  }

  close(): void {
    this.#connection?.interrupt();
    this.#connection?.disconnectSync();
    this.#connection = undefined;
  }

  async #blaming<T>(work: Promise<T>): Promise<T> {
    const { session, files, source } = this.#open;
    return work.catch(async (thrown: unknown) => {
      throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
    });
  }
}

interface InputChunk {
  readonly flows: number;
  /** Two halves a key. */
  readonly source: Uint32Array;
  readonly destination: Uint32Array;
  readonly port: Uint32Array;
  readonly bytes: Float64Array;
  readonly packets: Float64Array;
  readonly failed: Float64Array;
  readonly rows: Float64Array;
}

const NO_CHUNK: InputChunk = {
  flows: 0,
  source: new Uint32Array(),
  destination: new Uint32Array(),
  port: new Uint32Array(),
  bytes: new Float64Array(),
  packets: new Float64Array(),
  failed: new Float64Array(),
  rows: new Float64Array(),
};

function inputChunk(chunk: DuckDBDataChunk): InputChunk {
  return {
    flows: chunk.rowCount,
    source: keyItems(chunk, INPUT.source),
    destination: keyItems(chunk, INPUT.destination),
    port: keyItems(chunk, INPUT.port),
    bytes: doubleItems(chunk, INPUT.bytes),
    packets: doubleItems(chunk, INPUT.packets),
    failed: doubleItems(chunk, INPUT.failed),
    rows: doubleItems(chunk, INPUT.row),
  };
}
