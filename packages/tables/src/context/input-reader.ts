import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { type ContextSpec, ContextState, emptyContextFlow, PackedContextFlows } from "@oddflow/preprocessing";
import type { OpenTable } from "../flow-table.ts";
import { blameFile } from "../table-source.ts";
import { timeSql } from "../time-sql.ts";
import { doubleItems, keyItems } from "../vector-items.ts";
import { contextInputSql, INPUT } from "./context-inputs.ts";

/** Times in the unit of a table's time column: from then on, and before `until`. */
export interface TimeStretch {
  readonly from: number;
  readonly until: number;
  /** How many units are a second. */
  readonly unitsPerSecond: number;
}

/** In which order flows are read: that of the rows, whose times in seconds are known; or by time, rows without one left out. */
export type InputOrder = { readonly times: Float64Array } | { readonly byTime: TimeStretch };

/** Reads what context is counted from, and counts it, a chunk at a time. */
export class InputReader {
  readonly state: ContextState;
  /** Of the flows that were read last, row-major. */
  context: Float32Array = new Float32Array();
  readonly #open: OpenTable;
  readonly #spec: ContextSpec;
  readonly #order: InputOrder;
  readonly #flow = emptyContextFlow();
  readonly #packed = new PackedContextFlows();
  #connection: DuckDBConnection | undefined;
  #result: DuckDBResult | undefined;
  #chunk: InputChunk = NO_CHUNK;
  #firstRow = 0;

  constructor(open: OpenTable, spec: ContextSpec, order: InputOrder) {
    this.#open = open;
    this.#spec = spec;
    this.#order = order;
    this.state = new ContextState(spec);
  }

  async start(): Promise<void> {
    const sql = "times" in this.#order ? this.#sqlAsRowsCome() : await this.#sqlByTime(this.#order.byTime);
    this.#connection = await this.#open.session.connect();
    this.#result = await this.#blaming(this.#connection.stream(sql));
  }

  /** Reads the next flows and counts them; gives how many there are, 0 at the end. */
  async read(): Promise<number> {
    if (this.#result === undefined) throw new Error("context: read before the start");
    this.#firstRow += this.#chunk.flows;
    const chunk = await this.#blaming(this.#result.fetchChunk());
    this.#chunk =
      chunk === null || chunk.rowCount === 0 ? NO_CHUNK : inputChunk(chunk, "byTime" in this.#order);
    this.#count();
    return this.#chunk.flows;
  }

  /** The row of a flow of the chunk. */
  rowOf(flow: number): number {
    return "times" in this.#order ? this.#firstRow + flow : (this.#chunk.rows[flow] as number);
  }

  /** When a flow of the chunk was, in the time column's unit; by time only. */
  timeOf(flow: number): number {
    return this.#chunk.times[flow] as number;
  }

  /** Counts the flows of the chunk. */
  #count(): void {
    const { flows } = this.#chunk;
    for (let flow = 0; flow < flows; flow++) {
      this.#fill(flow);
      this.#packed.set(flow, this.#flow);
    }
    const { width } = this.state;
    if (this.context.length < flows * width) this.context = new Float32Array(flows * width);
    this.state.addAll(this.#packed, flows, this.context);
  }

  #fill(index: number): void {
    const { source, destination, port, bytes, packets, failed, times } = this.#chunk;
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
    const order = this.#order;
    const time =
      "times" in order
        ? (order.times[this.#firstRow + index] as number)
        : (times[index] as number) / order.byTime.unitsPerSecond;
    flow.time = isPlaced ? time : Number.NaN;
  }

  /** Has `start` and `read` throw soon, where one of them is at work. */
  interrupt(): void {
    this.#connection?.interrupt();
  }

  /** Not while `start` or `read` are at work: DuckDB waits for itself for ever where a connection goes away under its statement. */
  close(): void {
    this.#connection?.interrupt();
    this.#connection?.disconnectSync();
    this.#connection = undefined;
  }

  #sqlAsRowsCome(): string {
    const { expressions, relation } = contextInputSql(this.#open, this.#spec);
    return `SELECT ${expressions.join(", ")} FROM ${relation(this.#open.files)}`;
  }

  async #sqlByTime({ from, until }: TimeStretch): Promise<string> {
    const { expressions, relation } = contextInputSql(this.#open, this.#spec);
    const { value } = await timeSql(this.#open, this.#spec.time);
    const [time, row] = ['"oddflow time"', '"oddflow row"'];
    const rows = `SELECT *, ${value} AS ${time}, row_number() OVER () - 1 AS ${row} FROM ${relation(this.#open.files)}`;
    return (
      `SELECT ${expressions.join(", ")}, ${row}::DOUBLE, ${time} FROM (${rows}) ` +
      `WHERE isfinite(${time}) AND ${time} >= ${doubleText(from)} AND ${time} < ${doubleText(until)} ` +
      `ORDER BY ${time}, ${row}`
    );
  }

  async #blaming<T>(work: Promise<T>): Promise<T> {
    const { session, files, source } = this.#open;
    return work.catch(async (thrown: unknown) => {
      throw await blameFile("read table", session, files, (some) => source.relation(some), thrown);
    });
  }
}

function doubleText(value: number): string {
  return Number.isFinite(value) ? `${value}::DOUBLE` : `'${value < 0 ? "-" : ""}inf'::DOUBLE`;
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
  /** By time only. */
  readonly rows: Float64Array;
  readonly times: Float64Array;
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
  times: new Float64Array(),
};

function inputChunk(chunk: DuckDBDataChunk, isByTime: boolean): InputChunk {
  return {
    flows: chunk.rowCount,
    source: keyItems(chunk, INPUT.source),
    destination: keyItems(chunk, INPUT.destination),
    port: keyItems(chunk, INPUT.port),
    bytes: doubleItems(chunk, INPUT.bytes),
    packets: doubleItems(chunk, INPUT.packets),
    failed: doubleItems(chunk, INPUT.failed),
    rows: isByTime ? doubleItems(chunk, INPUT.row) : NO_CHUNK.rows,
    times: isByTime ? doubleItems(chunk, INPUT.time) : NO_CHUNK.times,
  };
}
