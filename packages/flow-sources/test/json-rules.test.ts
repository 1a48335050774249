import {
  DEEPEST_NESTING,
  JsonFields,
  JsonItemFramer,
  LineFramer,
  readJsonRecord,
} from "@oddflow/flow-sources";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whether the places of fields are found in the whole text. */
function hasFields(bytes: Uint8Array): boolean {
  return new JsonFields().find(bytes, 0, bytes.length) === bytes.length;
}

function nested(depth: number): string {
  return `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
}

const record = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  .map((value) => JSON.stringify(value));
const token = fc.constantFrom(
  "NaN",
  "-Infinity",
  "1.",
  "01",
  "-",
  "1e+2",
  ",",
  "}",
  "]",
  ":",
  '"',
  "\\",
  "\\ud83d",
);

describe("a record's JSON", () => {
  test("is one by its fields' places where it is one by JSON.parse, whatever is put into it", () => {
    let accepted = 0;
    const mutated = fc.tuple(record, fc.nat(), fc.nat({ max: 2 }), token).map(([text, at, cut, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    });
    fc.assert(
      fc.property(fc.oneof(record, mutated), (text) => {
        const bytes = bytesOf(text);
        const isRecord = "record" in readJsonRecord(bytes);
        if (isRecord) accepted++;
        expect(hasFields(bytes)).toBe(isRecord);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test("is no record where bytes are not UTF-8, by both", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), (inner) => {
        const bytes = Uint8Array.of(...bytesOf('{"a":"'), ...inner, ...bytesOf('"}'));
        expect(hasFields(bytes)).toBe("record" in readJsonRecord(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['{"a":NaN,"b":-Infinity,"c":1e400}', { a: null, b: -Infinity, c: Infinity }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"a":"x\\ud83dy \\ud83d\\ude00 \\\\ud83d NaN"}', { a: "x\ufffdy \u{1f600} \\ud83d NaN" }],
    ['{"__proto__":1,"n":1,"N":2}', { ["__proto__"]: 1, n: 1, N: 2 }],
  ])("%s", (text, value) => {
    expect(readJsonRecord(bytesOf(text))).toEqual({ record: value });
  });

  test.each([
    ['{"a":1,}', "JSON"],
    ['{"a":nan}', "JSON"],
    ['{"a":+1}', "JSON"],
    ['{"a":-Infinity1000}', "JSON"],
    ['{"a":1Infinity}', "JSON"],
    ['{"a":Infinity.5}', "JSON"],
    ['{"a":NaN1}', "JSON"],
    ['{"a":0x1b}', "JSON"],
    ['{"a":1}\u00a0', "JSON"],
    ['{"a":1}{"a":2}', "JSON"],
    ['{"a":"\0"}', "JSON"],
    ["null", "an object"],
    ["[]", "an object"],
  ])("%s is none", (text, expected) => {
    expect(readJsonRecord(bytesOf(text))).toMatchObject({ problem: { code: "RECORD_INVALID", expected } });
    expect(hasFields(bytesOf(text))).toBe(false);
  });

  test("has a limit of depth", () => {
    for (const [depth, isRecord] of [
      [DEEPEST_NESTING, true],
      [DEEPEST_NESTING + 2, false],
      [50_000, false],
    ] as const) {
      const bytes = bytesOf(nested(depth));
      expect("record" in readJsonRecord(bytes)).toBe(isRecord);
      expect(hasFields(bytes)).toBe(isRecord);
    }
  });
});

describe("records in a file", () => {
  /** The records of a text that comes in pieces of any sizes, with their lines. */
  function framed(
    framer: LineFramer | JsonItemFramer,
    text: string,
    sizes: readonly number[],
  ): [number, string][] {
    const bytes = bytesOf(text);
    const found: [number, string][] = [];
    const take = (): void => {
      for (let step = framer.next(); step === "record"; step = framer.next()) {
        found.push([
          framer.number,
          new TextDecoder().decode(framer.bytes.subarray(framer.start, framer.end)),
        ]);
      }
    };
    let at = 0;
    for (const size of [...sizes, bytes.length]) {
      framer.feed(bytes.slice(at, at + size));
      at += size;
      take();
    }
    framer.close();
    take();
    return found;
  }

  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
  const spaced = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ a: value }, null, 1));

  test("are cut out of a list or of what stands behind one another, with the line on which each begins", () => {
    fc.assert(
      fc.property(fc.array(spaced, { maxLength: 4 }), fc.boolean(), sizes, (texts, isList, cuts) => {
        const text = isList ? `\ufeff[\n${texts.join(",\n\n")}]\n` : texts.join("\n");
        let line = isList ? 2 : 1;
        const wanted = texts.map((own): [number, string] => {
          const first = line;
          line += own.split("\n").length - 1 + (isList ? 2 : 1);
          return [first, own];
        });
        const framer = new JsonItemFramer();
        expect(framed(framer, text, cuts)).toEqual(wanted);
        expect(framer.layout === "list").toBe(isList);
      }),
    );
  });

  test("are lines, with \\n or \\r\\n behind them, and a byte order mark before the first", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a\r\n]{0,9}$/), fc.boolean(), sizes, (text, mark, cuts) => {
        const wanted = text.split("\n");
        if (wanted.at(-1) === "") wanted.pop();
        const found = framed(new LineFramer(), mark && text !== "" ? `\ufeff${text}` : text, cuts);
        expect(found).toEqual(wanted.map((line, i) => [i + 1, line.replace(/\r$/, "")]));
      }),
    );
  });

  test.each([
    ['[{"a":1}\n{"a":2}]', 2, /comma/],
    ['[{"a":1}]\n\n7', 3, /behind the end/],
    ['[{"a":1},\n', 2, /cut short/],
  ])("a list that is none: %s", (text, line, problem) => {
    const framer = new JsonItemFramer();
    framer.feed(bytesOf(text));
    framer.close();
    let step = framer.next();
    while (step === "record") step = framer.next();
    expect([step, framer.number]).toEqual(["broken", line]);
    expect(framer.problem).toMatch(problem);
  });

  test("a record that is too long is told before more of it is read", () => {
    for (const framer of [new LineFramer(10), new JsonItemFramer(10)]) {
      framer.feed(bytesOf('{"a":1}\n'));
      expect(framer.next()).toBe("record");
      framer.feed(bytesOf('{"a":12345'));
      expect(framer.next()).toBe("wait");
      framer.feed(bytesOf("67890"));
      expect([framer.next(), framer.number]).toEqual(["too long", 2]);
    }
  });
});
