import { createJsonRecordEncoder } from "@oddflow/flow-sources";
import { type ColumnCoding, createRecordEncoder, fieldValue } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const COLUMNS: readonly ColumnCoding[] = [
  { kind: "number", name: "bytes" },
  {
    kind: "category",
    name: "protocol",
    valueType: "text",
    vocabulary: ["tcp", "udp", "true", "a b", "Ω", "5"],
  },
  { kind: "category", name: "port", valueType: "number", vocabulary: ["22", "443"] },
  { kind: "number", name: "dur" },
  { kind: "number", name: "größe" },
  { kind: "number", name: "__proto__" },
];
const WIDTH = COLUMNS.length;
const records = createRecordEncoder(COLUMNS);

/** What `JSON.parse` and the encoder of records make of a text; undefined where they refuse it. */
function wanted(text: string): number[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const row = new Float32Array(WIDTH);
  return records.encodeRecord(value, row, 0) === undefined ? [...row] : undefined;
}

/** What is read from the bytes, with others before and behind them; undefined where it is left to `JSON.parse`. */
function read(text: string, encoder = createJsonRecordEncoder(COLUMNS)): number[] | undefined {
  const bytes = new TextEncoder().encode(`xx${text},{"bytes":9}`);
  const end = bytes.length - 12;
  const row = new Float32Array(WIDTH + 2).fill(7);
  const after = encoder.encodeText(bytes, 2, bytes.length, row, 1);
  if (after < 0) return undefined;
  expect(after).toBe(end);
  expect([row[0], row[WIDTH + 1]]).toEqual([7, 7]);
  return [...row.subarray(1, WIDTH + 1)];
}

const numberText = fc.oneof(
  fc.double().map((value) => JSON.stringify(value)),
  fc.float({ noNaN: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.tuple(fc.nat(), fc.stringMatching(/^[0-9]{1,25}$/)).map(([whole, part]) => `${whole}.${part}`),
  fc
    .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -400, max: 400 }))
    .map(([value, power]) => `${JSON.stringify(value).split("e")[0]}e${power}`),
  fc.constantFrom(
    "-0",
    "0.0",
    "1e39",
    "1E+2",
    "1e999",
    "3.4028235e38",
    "9007199254740993",
    "01",
    "1.",
    ".5",
    "-",
    "1e",
  ),
);
/** Halfway between two float32 values, or next to it: where the last digit decides. */
const halfwayText = fc
  .tuple(
    fc.float({ min: 1, max: 1e6, noNaN: true }),
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom("", "0001", "-"),
  )
  .map(([low, digits, change]) => {
    const bits = new Uint32Array(Float32Array.of(low).buffer);
    bits[0] = (bits[0] ?? 0) + 1;
    const middle = ((low + (new Float32Array(bits.buffer)[0] ?? 0)) / 2).toFixed(12 + digits);
    return change === "-" ? `${middle.slice(0, -1)}9` : middle + change;
  });

const valueText = fc.oneof(
  { weight: 2, arbitrary: halfwayText },
  { weight: 4, arbitrary: numberText },
  fc.constantFrom(
    '"tcp"',
    '"udp"',
    '"a b"',
    '"Ω"',
    '"t\\u0063p"',
    '"22"',
    '"443.0"',
    '""',
    '"-"',
    '"nan"',
    '"1e3"',
  ),
  fc.constantFrom("true", "false", "null", "nul", "{}", "[1]", '{"a":1}', '"\\x"', '"\n"', '"\\ud800"'),
  fc.string().map((text) => JSON.stringify(text)),
  fc.json(),
);
const keyText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('"bytes"', '"protocol"', '"port"', '"dur"', '"größe"', '"__proto__"'),
  },
  fc.constantFrom('"other"', '"by\\u0074es"', '"byte"', '"bytes "', '""'),
  fc.string().map((text) => JSON.stringify(text)),
);
const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const objectText = fc
  .array(fc.tuple(space, keyText, space, space, valueText, space), { maxLength: 8 })
  .map(
    (fields) => `{${fields.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(",")}}`,
  );

describe("a record read from the bytes of its JSON", () => {
  test("means what JSON.parse and the encoder of records make of it, to the last bit, or is left to them", () => {
    let plain = 0;
    const encoder = createJsonRecordEncoder(COLUMNS);
    fc.assert(
      fc.property(objectText, (text) => {
        // The same encoder for all, so that each meets keys where the one before had others.
        const found = read(text, encoder);
        if (found === undefined) return;
        plain++;
        expect(found).toEqual(wanted(text));
      }),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(300);
  });

  test("usual records are not left to JSON.parse", () => {
    for (const text of [
      "{}",
      '{"bytes":12,"protocol":"tcp","port":443,"dur":0.25,"__proto__":null}',
      ' { "other" : "caf\u00e9 \\n\\u00e9\\"" , "dur" : -1.5e-3 , "x":true,"y":null,"z":false } '.trim(),
      '{"protocol":"gopher","protocol":"udp"}',
      '{"bytes":0.97829100000000001,"dur":123456789012345678901234567890,"protocol":true}',
    ]) {
      expect(read(text), text).toEqual(wanted(text));
      expect(read(text), text).toBeDefined();
    }
  });

  test("is -1 where it ends before it is whole, wherever it is cut", () => {
    const bytes = new TextEncoder().encode(
      '{"bytes":12,"protocol":"tcp","x":"\\u0041","dur":0.25e1,"port":null}',
    );
    const encoder = createJsonRecordEncoder(COLUMNS);
    const row = new Float32Array(WIDTH);
    for (let end = 0; end < bytes.length; end++) expect(encoder.encodeText(bytes, 0, end, row, 0)).toBe(-1);
    expect(encoder.encodeText(bytes, 0, bytes.length, row, 0)).toBe(bytes.length);
    expect(encoder.columnsFound).toBe(4);
  });
});

test("values that are sought are those of JSON.parse, wherever they stand", () => {
  const sought = ["bytes", "src", "id.src", "id", "flow.bytes", "event_type"];
  const columns: ColumnCoding[] = [
    { kind: "number", name: "bytes" },
    { kind: "number", name: "flow.bytes" },
  ];
  const encoder = createJsonRecordEncoder(columns, [], sought);
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.constantFrom("flow", "", "a\\u0041", "2026-11-28T17:00:00Z"),
  );
  const value = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer(),
    text,
    fc.constantFrom(null, true, false, [1]),
  );
  const inner = fc.dictionary(fc.constantFrom("src", "bytes", "x"), value, { maxKeys: 3 });
  const key = fc.constantFrom("bytes", "src", "id.src", "id", "flow", "flow.bytes", "event_type", "x");
  const record = fc.dictionary(key, fc.oneof({ weight: 3, arbitrary: value }, inner), { maxKeys: 6 });
  let made = 0;
  fc.assert(
    fc.property(record, (own) => {
      const bytes = new TextEncoder().encode(JSON.stringify(own));
      const values: unknown[] = [];
      if (encoder.encodeText(bytes, 0, bytes.length, new Float32Array(2), 0) < 0) return;
      if (!encoder.readSought(values)) return;
      made++;
      const parsed = JSON.parse(JSON.stringify(own)) as Record<string, unknown>;
      expect(values).toEqual(sought.map((name) => fieldValue(parsed, name)));
    }),
    { numRuns: 3000 },
  );
  expect(made).toBeGreaterThan(500);
});

test("records mean the same wherever fields change their order, come twice, are left out, or are written otherwise", () => {
  const columns: ColumnCoding[] = [
    { kind: "number", name: "a" },
    { kind: "number", name: "ab" },
    { kind: "category", name: "long name of a field", valueType: "text", vocabulary: ["x", "yy", "A"] },
    { kind: "number", name: "o.p" },
    { kind: "number", name: "" },
  ];
  const encode = createRecordEncoder(columns);
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    fc.nat().map(String),
    fc.constantFrom('"x"', '"yy"', '"\\u0041"', '"Ω"', "null", '""'),
  );
  const name = fc.constantFrom("a", "ab", "long name of a field", "", "other", "o.p");
  const inner = fc.tuple(fc.constantFrom("p", "q"), value).map(([key, own]) => `{"${key}":${own}}`);
  const field = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(
        name.map((own) => `"${own}"`),
        value,
      ),
    },
    fc.tuple(fc.constantFrom('"o"'), fc.oneof(inner, value)),
    fc.tuple(fc.constantFrom('"\\u0061"', '"a\\"b"'), value),
  );
  const usual = fc.shuffledSubarray(
    ['"a"', '"ab"', '"long name of a field"', '"other"', '"more"', '"o.p"'].map((key) => [key, "7"] as const),
    { minLength: 5 },
  );
  // Whole records as one writer has them, and now and then one that differs.
  const line = fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: usual }, fc.array(field, { maxLength: 7 })),
      fc.constantFrom("", " "),
      fc.constantFrom(",", ", ", " ,"),
      fc.constantFrom("{", "{ "),
    )
    .map(
      ([fields, space, comma, open]) => `${open}${fields.map((own) => own.join(`:${space}`)).join(comma)}}`,
    );
  let read = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 30 }), (lines) => {
      const encoder = createJsonRecordEncoder(columns);
      for (const text of lines) {
        const bytes = new TextEncoder().encode(text);
        const found = new Float32Array(columns.length);
        if (encoder.encodeText(bytes, 0, bytes.length, found, 0) < 0) continue;
        read++;
        const wanted = new Float32Array(columns.length);
        expect(encode.encodeRecord(JSON.parse(text), wanted, 0)).toBeUndefined();
        expect(found).toEqual(wanted);
      }
    }),
    { numRuns: 400 },
  );
  expect(read).toBeGreaterThan(2000);
});

test("what would be a record with a comma more or less is none, wherever its keys were met before", () => {
  const encoder = createJsonRecordEncoder(COLUMNS);
  const row = new Float32Array(WIDTH);
  const isRead = (text: string): boolean => {
    const bytes = new TextEncoder().encode(text);
    return encoder.encodeText(bytes, 0, bytes.length, row, 0) === bytes.length;
  };
  for (const text of ['{"bytes":1,"dur":2}', '{"dur":2,"bytes":1}', "{}"]) expect(isRead(text)).toBe(true);
  for (const text of [
    '{,"bytes":1}',
    '{"bytes":1"dur":2}',
    '{"bytes":1,}',
    '{"bytes":1,,"dur":2}',
    '{"bytes":,"dur":2}',
    '{"bytes""dur":2}',
    '{"bytes":1,"dur":}',
    '{"bytes":1,"dur"}',
  ]) {
    expect(isRead(text), text).toBe(false);
    expect(isRead('{"bytes":1,"dur":2}')).toBe(true);
  }
});
