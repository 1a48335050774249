import { join } from "node:path";
import { readFlows } from "../conformance/flow-set.ts";
import { runProgram } from "../programs/run-program.ts";
import { fromRoot } from "../robustness/places.ts";
import type { KafkaRecord } from "./records.ts";

const NUMBER = /^\{"flow_id":(\d+),/;

/** Any number of flows, each with an id of its own: those of the fixture, over and over. */
export class NumberedFlows {
  /** JSON without the id, by the flow's place in the fixture. */
  readonly #flows: readonly string[];
  /** The same with scores. */
  readonly #scored: readonly string[];

  private constructor(flows: readonly string[], scored: readonly string[]) {
    this.#flows = flows;
    this.#scored = scored;
  }

  /** @param model scores flows one by one, without context */
  static async open(model: string, folder: string): Promise<NumberedFlows> {
    const flows = (await readFlows(join(fromRoot("fixtures"), "flows.parquet"), 1)).map(withoutId);
    const text = flows.map((flow) => `{"flow_id":0,${flow}\n`).join("");
    const command = [fromRoot("packages/cli/bin/oddflow.js"), "score", "-", "-m", model];
    const answers = runProgram(process.execPath, command, folder, text).trimEnd().split("\n");
    return new NumberedFlows(
      flows,
      answers.map((answer) => answer.replace(NUMBER, "")),
    );
  }

  /** One line of JSON, as a sensor would write it. */
  value(id: number): string {
    return `{"flow_id":${id},${this.#flows[id % this.#flows.length]}`;
  }

  /** What `oddflow score -` says to the same line. */
  scored(id: number): string {
    return `{"flow_id":${id},${this.#scored[id % this.#scored.length]}`;
  }

  /** With keys and headers of every kind, in turn over the partitions: the record's offset is the whole part of id / partitions. */
  record(id: number, partitions: number): KafkaRecord {
    return {
      partition: id % partitions,
      key: keyOf(id),
      headers: headersOf(id),
      value: Buffer.from(this.value(id)),
    };
  }

  *records(first: number, end: number, partitions: number): Generator<KafkaRecord> {
    for (let id = first; id < end; id++) yield this.record(id, partitions);
  }
}

/** The id of a flow, scored or not; undefined where it has none. */
export function idOf(value: string): number | undefined {
  const found = NUMBER.exec(value)?.[1];
  return found === undefined ? undefined : Number(found);
}

function withoutId(flow: Readonly<Record<string, unknown>>): string {
  const { flow_id, ...others } = flow;
  return JSON.stringify(others).slice(1);
}

function keyOf(id: number): Buffer | null {
  const kinds = [null, Buffer.alloc(0), Buffer.from(`host-${id % 977}`), numberBytes(id)];
  return kinds[id % kinds.length] ?? null;
}

function headersOf(id: number): KafkaRecord["headers"] {
  const kinds: KafkaRecord["headers"][] = [
    [],
    [["trace", numberBytes(id)]],
    // Kafka takes a name more than once, and none; and no value.
    [
      ["trace", Buffer.from(String(id))],
      ["trace", Buffer.alloc(0)],
      ["", null],
    ],
  ];
  return kinds[id % kinds.length] ?? [];
}

/** Holds bytes that are no text. */
function numberBytes(id: number): Buffer {
  const bytes = Buffer.alloc(8, 0xff);
  bytes.writeUInt32BE(id, 2);
  return bytes;
}
