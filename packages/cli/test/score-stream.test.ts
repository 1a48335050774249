import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatSummary } from "../src/format-summary.ts";
import type { StreamSummary } from "../src/pipe/stream-scoring.ts";
import { type ScoreStreamOptions, scoreStream } from "../src/score-stream.ts";
import { FLOWS, MODEL } from "./run-cli.ts";

let scorer: Scorer;
beforeAll(async () => {
  scorer = await createScorer(MODEL);
});
afterAll(() => scorer.close());

/** What comes out of the pipe for what goes in, as lines. */
async function pipe(
  input: string | Uint8Array,
  options: Partial<ScoreStreamOptions> = {},
): Promise<string[]> {
  const bytes = Buffer.from(input);
  const cut = Math.floor(bytes.length / 3);
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  try {
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
    await scoreStream(Readable.from(pieces), output, scorer, {
      threshold: 3,
      top: 0,
      fields: "all",
      ...options,
    });
  } finally {
    output.end();
  }
  return Buffer.concat(chunks).toString().split("\n").slice(0, -1);
}

/** What a pipe says of what goes in. */
function summaryOf(text: string): Promise<StreamSummary> {
  const output = new PassThrough();
  output.resume();
  return scoreStream(Readable.from([Buffer.from(text)]), output, scorer, {
    threshold: 3,
    top: 0,
    fields: "none",
  });
}

/** What was added to a line: everything from the field `score` on. Fails where the line does not begin with the kept fields. */
function addedTo(line: string, kept: readonly string[]): Record<string, unknown> {
  let at = 1;
  const skip = (pattern: RegExp): void => {
    at += pattern.exec(line.slice(at))?.[0].length ?? 0;
  };
  expect(line[0]).toBe("{");
  for (const field of kept) {
    skip(/^[ \t\r]*/);
    expect(line.slice(at, at + field.length)).toBe(field);
    at += field.length;
    skip(/^[ \t\r]*,/);
  }
  return JSON.parse(`{${line.slice(at)}`) as Record<string, unknown>;
}

const space = fc.constantFrom("", "", "", " ", "\t", " \r ");
const value = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.constantFrom("1.0", "1e3", "-0", "0.10", "1e400", "9007199254740993", "NaN", "-Infinity"),
  fc.constantFrom('"\\u0041\\/\\ud83d"', '"caf\u00e9 \u{1f600}"', '{ "a" : [ 1.0 , { } ] }', '"{,}"', "[]"),
);
const key = fc.oneof(
  fc.constantFrom("constructor", "toString", "__proto__", "hasOwnProperty", "uid", "", "é"),
  fc.constantFrom("score", "reasons", "is_anomaly"),
  fc.string(),
);
const keyText = fc.tuple(key, fc.boolean()).map(([name, escaped]) => {
  const text = JSON.stringify(name);
  if (!escaped || !/^"[a-z]/.test(text)) return text;
  return `"\\u00${text.charCodeAt(1).toString(16)}${text.slice(2)}`;
});
const field = fc
  .tuple(keyText, space, space, value)
  .filter(([name]) => !scorer?.columns.some((column) => column.name === JSON.parse(name)))
  .map(([name, a, b, text]) => ({ name: JSON.parse(name) as string, text: `${name}${a}:${b}${text}` }));
const lines = fc.array(
  fc
    .tuple(fc.array(field, { maxLength: 6 }), space, space)
    .map(([own, a, b]) => ({ fields: [...own, { name: "dur", text: '"dur":1.50' }], a, b })),
  { minLength: 1, maxLength: 4 },
);

describe("a line that comes back with its score", () => {
  test("has every field that stays as it was written, in its order", async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom("all", "keys", "none"), async (given, columns) => {
        const columnNames = scorer.columns.map(({ name }) => name);
        const dropped = new Set(columns === "keys" ? [...SCORE_COLUMNS, ...columnNames] : SCORE_COLUMNS);
        const text = given
          .map(({ fields, a, b }) => `${a}{${fields.map((own) => own.text).join(`${b},${a}`)}${b}}${a}\n`)
          .join("");
        const written = await pipe(text, { fields: columns === "keys" ? { except: columnNames } : columns });
        expect(written).toHaveLength(given.length);
        given.forEach(({ fields }, i) => {
          const kept = columns === "none" ? [] : fields.filter(({ name }) => !dropped.has(name));
          const added = addedTo(
            written[i] ?? "",
            kept.map((own) => own.text),
          );
          expect(Object.keys(added)).toEqual(["score", "is_anomaly", "probability"]);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("keeps 64-bit ids and names that every object inherits, also where an earlier score is replaced", async () => {
    const line =
      '{"id":9007199254740993,"dur":1.0,"constructor":1e3,"toString":"\\u0041","__proto__":{"a":1},"hasOwnProperty":null';
    for (const [own, options] of [
      ["", { fields: { except: ["dur"] } }],
      [',"score":7,"reasons":["old"]', {}],
    ] as const) {
      const [written] = await pipe(`${line}${own}}\n`, options);
      const kept = "fields" in options ? line.replace('"dur":1.0,', "") : line;
      expect(written?.startsWith(`${kept},"score":`)).toBe(true);
      expect(written?.match(/"score":|"reasons":/g)).toHaveLength(1);
    }
  });
});

test("a column that no record had is named, as a table that lacks it is refused", async () => {
  const flow = (names: readonly string[]): string =>
    `${JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))}\n`;
  const names = scorer.columns.map(({ name }) => name);
  const [first = "", second = "", third = ""] = names;
  const absentOf = async (text: string): Promise<readonly string[]> => (await summaryOf(text)).absent;
  expect(await absentOf(flow(names))).toEqual([]);
  expect(await absentOf("")).toEqual([]);
  const without = (...gone: readonly string[]): string[] => names.filter((name) => !gone.includes(name));
  expect(await absentOf(flow(without(first, second)) + flow(without(second, third)))).toEqual([second]);
  const said = formatSummary(await summaryOf(flow([first])), 3, performance.now());
  expect(said).toContain(
    `; no flow had ${names.slice(1, 6).join(", ")} and ${names.length - 6} more columns\n`,
  );
});

test("Parquet, which no pipe can be read of, is refused with what to do", async () => {
  await expect(pipe(readFileSync(FLOWS))).rejects.toThrow(
    "standard input cannot be read as CSV: it is Parquet, which cannot be read from its beginning on; name it as a file",
  );
});

test("a line over 16 MiB is refused by its number, without its end", async () => {
  const line = Buffer.alloc(16 * 1024 * 1024 + 2, "x");
  await expect(pipe(Buffer.concat([Buffer.from('{"dur":1}\n\n'), line]))).rejects.toThrow(
    "line 3 of standard input is longer than 16777216 bytes",
  );
});

test("lines that end otherwise, hold space or are no plain records come back like others, in their order", async () => {
  const line = fc.tuple(
    fc.constantFrom(
      '{"dur":1}',
      '{"dur":2,"x":[1, 2]}',
      ' {"dur":3}',
      '{"dur":4} ',
      '{"d\\u0075r":5}',
      "",
      '{"é":6}',
    ),
    fc.constantFrom("\n", "\r\n", "\n", " \r\n"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (own) => {
      const text = `{"dur":0}\n${own.map(([record, end]) => record + end).join("")}{"dur":7}`;
      const found = (await pipe(text)).map((written) => written.replace(/,"score":.*/, "}"));
      const records = own.map(([record]) => record.trim()).filter((record) => record !== "");
      expect(found).toEqual(['{"dur":0}', ...records, '{"dur":7}']);
    }),
    { numRuns: 60 },
  );
});

describe("a line that cannot be used ends the stream, by its number, behind the scores of those before", () => {
  test.each([
    [
      "a list as a category",
      '{"protocol":["tcp"]}',
      'line 3 of standard input, column "protocol": a list found',
    ],
    ["an object as a number", '{"dur":{"s":1}}', 'line 3 of standard input, column "dur": an object found'],
    ["a comma before a bracket", '{"dur":1,}', "line 3 of standard input is no JSON"],
    ["null", "null", "line 3 of standard input: null found, an object expected"],
    ["two records", '{"dur":1}{"dur":2}', "line 3 of standard input is no JSON"],
    ["a line cut short", '{"dur":', "line 3 of standard input is no JSON"],
    ["a record that goes on behind a comma", '{"dur":1,\n"x":2}', "line 3 of standard input is no JSON"],
    ["a record that begins with a line's end", '{\n"dur":1}', "line 3 of standard input is no JSON"],
    ["a record that ends behind a line's end", '{"dur":1\n}', "line 3 of standard input is no JSON"],
    ["a value on the next line", '{"dur":\n1}', "line 3 of standard input is no JSON"],
    ["a list over two lines", '{"dur":1,"x":[\n1]}', "line 3 of standard input is no JSON"],
    [
      "a byte that is no UTF-8",
      Uint8Array.of(123, 34, 97, 34, 58, 34, 0xe9, 34, 125),
      "bytes that are not UTF-8 found",
    ],
    ["depth", `{"a":${"[".repeat(600)}${"]".repeat(600)}}`, "more than 512 lists and objects"],
  ])("%s", async (_, line, message) => {
    const input = Buffer.concat([
      Buffer.from('\ufeff{"dur":1}\r\n \r\n'),
      Buffer.from(line as string),
      Buffer.from("\n"),
    ]);
    await expect(pipe(input)).rejects.toThrow(message);
  });
});
