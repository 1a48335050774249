import {
  type ColumnCoding,
  createRecordEncoder,
  type FlowRecord,
  OddflowError,
  SCORE_COLUMNS,
} from "@oddflow/preprocessing";
import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ArrowBatch,
  ArrowDictionaries,
  ArrowFault,
  ArrowFlows,
  ArrowMessages,
  type ArrowSchema,
  ArrowScores,
  END_OF_STREAM,
  readBatchMessage,
  readSchema,
  ScoredArrow,
} from "../src/index.ts";

/** What values of a type an Arrow writer is given, and what a record has for them. */
interface Kind {
  readonly type: DataType;
  readonly value: fc.Arbitrary<unknown>;
}

const text = fc.oneof(
  fc.constantFrom("tcp", "udp", "", "-", "17", " 3.5 ", "1e400", "café", "a text of more than twelve bytes"),
  fc.string({ unit: "grapheme" }),
);
const whole = (bits: number, isSigned: boolean): fc.Arbitrary<number> =>
  fc.integer(
    isSigned ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 },
  );

const KINDS: Readonly<Record<string, Kind>> = {
  int8: { type: new Int8(), value: whole(8, true) },
  int16: { type: new Int16(), value: whole(16, true) },
  int32: { type: new Int32(), value: whole(32, true) },
  int64: { type: new Int64(), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  uint8: { type: new Uint8(), value: whole(8, false) },
  uint16: { type: new Uint16(), value: whole(16, false) },
  uint32: { type: new Uint32(), value: whole(32, false) },
  uint64: { type: new Uint64(), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  half: {
    type: new Float16(),
    value: fc.constantFrom(0, -0, 1.5, -2.25, 65504, 2 ** -24, Number.NaN, Infinity),
  },
  float: { type: new Float32(), value: fc.float() },
  double: { type: new Float64(), value: fc.oneof(fc.double(), fc.constantFrom(1e39, -1e300)) },
  truth: { type: new Bool(), value: fc.boolean() },
  word: { type: new Utf8(), value: text },
  coded: { type: new Dictionary(new Utf8(), new Int32()), value: text },
};

const WORDS = ["tcp", "café", "17", "true", "a text of more than twelve bytes"];
const NUMBERS = ["0", "1", "17", "-2.25", "3"];

interface Given {
  readonly kinds: readonly string[];
  /** Column by column, batch by batch. */
  readonly batches: readonly (readonly (readonly unknown[])[])[];
}

const given: fc.Arbitrary<Given> = fc
  .uniqueArray(fc.constantFrom(...Object.keys(KINDS)), { minLength: 1, maxLength: 5 })
  .chain((kinds) =>
    fc
      .array(
        fc.integer({ min: 0, max: 20 }).chain((rows) =>
          fc.tuple(
            ...kinds.map((kind) =>
              fc.array(fc.option((KINDS[kind] as Kind).value, { nil: null, freq: 4 }), {
                minLength: rows,
                maxLength: rows,
              }),
            ),
          ),
        ),
        { maxLength: 3 },
      )
      .map((batches) => ({ kinds, batches })),
  );

function tableOf({ kinds, batches }: Given): Table {
  const schema = new Schema(
    kinds.map((kind) => new Field(kind, (KINDS[kind] as Kind).type, true)),
    new Map([["made by", "a test"]]),
  );
  const made = batches.map((columns) => {
    const data = columns.map(
      (values, k) => vectorFromArray([...values], (KINDS[kinds[k] as string] as Kind).type).data[0],
    );
    const children = Object.fromEntries(kinds.map((kind, k) => [kind, data[k]]));
    return new RecordBatch(children as never);
  });
  return new Table(
    schema,
    made.map((batch) => new RecordBatch(schema, batch.data)),
  );
}

/** What stands in a stream, and what it becomes with scores. */
interface ReadStream {
  readonly schema: ArrowSchema;
  readonly dictionaries: ArrowDictionaries;
  readonly batches: readonly ArrowBatch[];
  readonly scored: Uint8Array;
}

/** Reads a stream that comes in pieces; each batch's scores are its rows' numbers. @param look sees each batch as it comes */
function read(
  bytes: Uint8Array,
  size = bytes.length,
  look: (batch: ArrowBatch, stream: Omit<ReadStream, "scored">) => void = () => undefined,
): ReadStream {
  const messages = new ArrowMessages();
  const batches: ArrowBatch[] = [];
  const written: Uint8Array[] = [];
  let schema: ArrowSchema | undefined;
  let dictionaries: ArrowDictionaries | undefined;
  let writer: ScoredArrow | undefined;
  const take = (): void => {
    for (;;) {
      const message = messages.next();
      if (typeof message === "string") return;
      const { kind, metadata, body } = message;
      if (kind === "schema") {
        schema = readSchema(metadata);
        dictionaries = new ArrowDictionaries(schema);
        writer = new ScoredArrow(schema, {
          kept: "all",
          topNames: ["one", "two"],
          reasons: true,
          rulings: true,
        });
        written.push(writer.schema());
      } else if (schema === undefined || dictionaries === undefined || writer === undefined) {
        throw new Error("no schema");
      } else if (kind === "dictionary") {
        written.push(...writer.dictionary(dictionaries.add(metadata, body), metadata, body));
      } else {
        const batch = readBatchMessage(schema.fields, metadata, body);
        look(batch, { schema, dictionaries, batches });
        batches.push(batch);
        written.push(...writer.batch(batch, scoresOf(batch.rows)));
      }
    }
  };
  for (let at = 0; at < bytes.length; at += size) {
    messages.feed(bytes.slice(at, at + size));
    take();
  }
  messages.close();
  take();
  if (schema === undefined || dictionaries === undefined) throw new Error("no schema");
  return { schema, dictionaries, batches, scored: Buffer.concat([...written, END_OF_STREAM]) };
}

function scoresOf(rows: number): ArrowScores {
  const scores = new ArrowScores(rows, 2, { reasons: true, rulings: true });
  const numbers = Array.from({ length: rows }, (_, row) => row);
  scores.add(
    {
      score: Float32Array.from(numbers),
      isAnomaly: Uint8Array.from(numbers, (row) => (row % 3) & 1),
      rarity: Float64Array.from(numbers, (row) => row / rows),
      top: Int16Array.from(numbers.flatMap((row) => [row % 2, row % 5 === 0 ? -1 : 0])),
      reasons: numbers.map((row) => (row % 2 === 0 ? null : `["é", ${row}]`)),
      rulings: numbers.map((row) => (row % 4 === 0 ? { rule: `r${row}`, verdict: "benign" } : null)),
    },
    0,
  );
  return scores;
}

function codingsOf(kinds: readonly string[]): readonly ColumnCoding[] {
  return kinds.flatMap((name): ColumnCoding[] => [
    ...(name === "word" || name === "coded" ? [] : [{ kind: "number", name } as const]),
    { kind: "category", name, valueType: "text", vocabulary: WORDS },
    { kind: "category", name, valueType: "number", vocabulary: NUMBERS },
  ]);
}

/** Codes of all columns of a batch, row-major. */
function codesOf(
  batch: ArrowBatch,
  { schema, dictionaries }: Omit<ReadStream, "scored">,
  kinds: readonly string[],
): Float32Array {
  const columns = codingsOf(kinds);
  const flows = new ArrowFlows(schema, { columns, inputs: [], time: undefined }, "a stream");
  const open = flows.open(batch, dictionaries, 0);
  const half = batch.rows >> 1;
  const parts = [open.columns(0, half), open.columns(half, batch.rows - half)];
  const whole = columns.map((_, k) =>
    Float32Array.from(parts.flatMap((part) => [...(part[k] as Float32Array)])),
  );
  return Float32Array.from({ length: batch.rows * columns.length }, (_, i) => {
    const column = whole[i % columns.length] as Float32Array;
    return column[Math.floor(i / columns.length)] as number;
  });
}

describe("an Arrow IPC stream", () => {
  test("means what the same records mean, wherever it is cut", () => {
    fc.assert(
      fc.property(given, fc.integer({ min: 1, max: 300 }), ({ kinds, batches }, size) => {
        const encoder = createRecordEncoder(codingsOf(kinds));
        const bytes = tableToIPC(tableOf({ kinds, batches }), "stream");
        let seen = 0;
        read(bytes, size, (batch, stream) => {
          const columns = batches[seen++] ?? [];
          const records = Array.from(
            { length: batch.rows },
            (_, row): FlowRecord => Object.fromEntries(kinds.map((kind, k) => [kind, columns[k]?.[row]])),
          );
          expect([...codesOf(batch, stream, kinds)]).toEqual([...encoder.encode(records).flows]);
        });
        expect(seen).toBe(batches.length);
      }),
      { numRuns: 60 },
    );
  });

  test("is passed on byte for byte, with the columns of scores behind its own", () => {
    fc.assert(
      fc.property(given, (table) => {
        const bytes = tableToIPC(tableOf(table), "stream");
        const { scored, batches } = read(bytes);
        const before = tableFromIPC(bytes);
        const after = tableFromIPC(scored);
        expect(after.schema.fields.map(({ name }) => name)).toEqual([...table.kinds, ...SCORE_COLUMNS]);
        expect(after.schema.metadata).toEqual(before.schema.metadata);
        expect(
          after
            .select([...table.kinds])
            .toArray()
            .map(String),
        ).toEqual(before.toArray().map(String));
        const rows = after.toArray();
        const numbers = batches.flatMap((batch) => [...Array(batch.rows).keys()]);
        expect(rows.map((row) => row?.["score"])).toEqual(numbers);
        expect(rows.map((row) => row?.["is_anomaly"])).toEqual(numbers.map((row) => row % 3 === 1));
        expect(rows.map((row) => row?.["reasons"])).toEqual(
          numbers.map((row) => (row % 2 === 0 ? null : `["é", ${row}]`)),
        );
        expect(rows.map((row) => [row?.["alarm_rule"], row?.["alarm_verdict"]])).toEqual(
          numbers.map((row) => (row % 4 === 0 ? [`r${row}`, "benign"] : [null, null])),
        );
        expect(rows.map((row) => [...(row?.["top_columns"] ?? [])])).toEqual(
          numbers.map((row) => [row % 2 === 0 ? "one" : "two", ...(row % 5 === 0 ? [] : ["one"])]),
        );
        const again = read(scored);
        for (const [k, batch] of batches.entries()) {
          const body = again.batches[k]?.buffers.body ?? new Uint8Array();
          expect(body.subarray(0, batch.buffers.body.length)).toEqual(batch.buffers.body);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("with scores of an earlier scoring gets new ones in their place", () => {
    const bytes = tableToIPC(
      tableOf({
        kinds: ["coded", "int8"],
        batches: [
          [
            ["a", "b"],
            [1, null],
          ],
        ],
      }),
      "stream",
    );
    const twice = tableFromIPC(read(read(bytes).scored).scored);
    expect(twice.schema.fields.map(({ name }) => name)).toEqual(["coded", "int8", ...SCORE_COLUMNS]);
    expect(twice.toArray().map((row) => [row?.["coded"], row?.["int8"], row?.["score"]])).toEqual([
      ["a", 1, 0],
      ["b", null, 1],
    ]);
  });

  test("has the fields of structs as columns, missing where the struct is", () => {
    const type = new Struct([new Field("age", new Float32(), true), new Field("proto", new Utf8(), true)]);
    const values = [{ age: 1, proto: "tcp" }, null, { age: null, proto: "udp" }];
    const table = new Table({ flow: vectorFromArray(values, type) });
    const columns: ColumnCoding[] = [
      { kind: "number", name: "flow.age" },
      { kind: "category", name: "flow.proto", valueType: "text", vocabulary: WORDS },
    ];
    read(tableToIPC(table, "stream"), 7, (batch, { schema, dictionaries }) => {
      const flows = new ArrowFlows(schema, { columns, inputs: [], time: undefined }, "a stream");
      const [age, proto] = flows.open(batch, dictionaries, 0).columns(0, 3);
      expect([...(age ?? [])]).toEqual([1, Number.NaN, Number.NaN]);
      expect([...(proto ?? [])]).toEqual([0, Number.NaN, WORDS.length]);
    });
    expect.assertions(2);
  });

  test("that is damaged or cut is refused, and never taken for another", () => {
    const table: Given = {
      kinds: ["coded", "word", "int64"],
      batches: [
        [
          ["a", "b"],
          ["c", null],
          [1n, 2n],
        ],
      ],
    };
    const bytes = tableToIPC(tableOf(table), "stream");
    const expected = [...read(bytes).scored];
    // Up to the mark of its end a cut is one in the middle, but between two messages.
    const outcome = (damaged: Uint8Array): unknown => {
      try {
        read(damaged, damaged.length, (batch, stream) => codesOf(batch, stream, table.kinds));
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    };
    const isRefusal = (thrown: unknown): boolean =>
      thrown instanceof ArrowFault ||
      thrown instanceof RangeError ||
      thrown instanceof OddflowError ||
      (thrown instanceof Error && thrown.message === "no schema");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (place, byte) => {
        const damaged = bytes.slice();
        damaged[place] = byte;
        const thrown = outcome(damaged);
        expect(thrown === undefined || isRefusal(thrown), String(thrown)).toBe(true);
        const cut = outcome(bytes.subarray(0, place));
        expect(cut === undefined || isRefusal(cut), String(cut)).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect([...read(bytes, 1).scored]).toEqual(expected);
    expect(String(outcome(Buffer.concat([bytes, bytes])))).toContain("more bytes stand behind its end");
  });
});
