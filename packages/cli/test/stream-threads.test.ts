import { readFileSync } from "node:fs";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODEL } from "./run-cli.ts";
import { scoreTwice, type ThreadedStream } from "./threaded-stream.ts";

const model = readFileSync(MODEL);
let scorer: Scorer;
beforeAll(async () => {
  scorer = await createScorer(model, { threads: 1 });
});
afterAll(() => scorer.close());

/** Values of flow number `i`, in the order of the model's columns, behind its number. */
function values(i: number): (string | number)[] {
  const own = scorer.columns.map((column, k) =>
    column.kind === "number"
      ? Math.round(1e6 * Math.abs(Math.sin((i + 1) * (k + 1)))) / 1e3
      : (column.vocabulary[(i * (k + 3)) % (column.vocabulary.length + 1)] ?? "never seen"),
  );
  return [i, ...own];
}
/** The same with a word where a number should be. */
function wrongValues(i: number): (string | number)[] {
  const place = 1 + scorer.columns.findIndex(({ kind }) => kind === "number");
  return values(i).with(place, "many");
}
const names = (): string[] => ["uid", ...scorer.columns.map(({ name }) => name)];

type Line = (i: number) => string;
const jsonLine: Line = (i) => {
  const own = values(i);
  return `${JSON.stringify(Object.fromEntries(names().map((name, k) => [name, own[k]])))}\n`;
};
const csvLine: Line = (i) => `${values(i).join(",")}\n`;
const zeekLine: Line = (i) => `${values(i).join("\t")}\n`;
const csvHeader = (): string => `${names().join(",")}\n`;
const zeekHeader = (): string => {
  const types = ["count", ...scorer.columns.map(({ kind }) => (kind === "number" ? "double" : "string"))];
  return `#separator \\x09\n#unset_field\t-\n#fields\t${names().join("\t")}\n#types\t${types.join("\t")}\n`;
};

const many = (line: Line, count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => line(from + i)).join("");

/** Cuts a text at shares of its length. */
function cut(text: string, shares: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, k) => bytes.subarray(places[k], place));
}

interface Form {
  readonly header?: () => string;
  readonly line: Line;
  /** Lines, from one flow on, that are read otherwise than those before. */
  readonly odd: readonly ((i: number) => string)[];
  /** Lines in which something is wrong. */
  readonly wrong: readonly ((i: number) => string)[];
}

const FORMS: Readonly<Record<string, Form>> = {
  "JSON lines": {
    line: jsonLine,
    odd: [
      () => "\n \r\n",
      (i) => jsonLine(i).replace("\n", "\r\n"),
      () => '{"event_type":"dns","dur":1}\n',
      (i) => jsonLine(i).replace('"uid"', '"score":1,"u\\u0069d"'),
    ],
    wrong: [() => '{"dur":{"s":1}}\n', () => '{"dur":1\n'],
  },
  CSV: {
    header: csvHeader,
    line: csvLine,
    odd: [
      () => "\n",
      (i) => `"${csvLine(i).replace(",", '",')}`,
      (i) => `"a\nquoted\nid"${csvLine(i).slice(String(i).length)}`,
      csvHeader,
    ],
    wrong: [() => "1,2,3\n", (i) => `${wrongValues(i).join(",")}\n`],
  },
  "a Zeek log": {
    header: zeekHeader,
    line: zeekLine,
    odd: [
      () => "#close\t2026-11-28-17-00-00\n",
      zeekHeader,
      // Other fields from here on.
      () => zeekHeader().replace("uid", "id").replace("count", "string"),
      (i) => zeekLine(i).replace(/\t[^\t]+\t/, "\t-\t"),
    ],
    wrong: [() => "1\t2\n", (i) => `${wrongValues(i).join("\t")}\n`],
  },
};

describe.each(Object.entries(FORMS))("%s on threads", (_, { header, line, odd, wrong }) => {
  const stream = (text: string, shares: readonly number[], threads: number): ThreadedStream => ({
    scorer,
    model,
    threads,
    ...(header ? { header: header() } : {}),
    lines: many(line, Math.ceil(70_000 / line(0).length)),
    pieces: cut(text, shares),
    options: { threshold: 3, top: 1, fields: "all" },
  });
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

  test("gives what one thread gives, byte for byte, however the input is cut", async () => {
    const parts = fc.array(fc.record({ flows: fc.nat({ max: 600 }), kind: fc.nat({ max: odd.length }) }), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(parts, shares, fc.integer({ min: 1, max: 3 }), async (own, places, threads) => {
        const text = own
          .map(({ flows, kind }, k) => many(line, flows, 1000 * k) + (odd[kind]?.(k) ?? ""))
          .join("");
        const { threaded, alone } = await scoreTwice(stream(text, places, threads));
        expect(threaded.problem).toBe(alone.problem);
        expect(threaded.output.equals(alone.output)).toBe(true);
        expect(threaded.summary).toEqual(alone.summary);
      }),
      { numRuns: 2 },
    );
  });

  test("is scored by them, and a line's number in a message is the one that it has in the stream", async () => {
    for (const bad of wrong) {
      const text = `${many(line, 700)}${odd[0]?.(0)}${many(line, 700)}${bad(7)}${many(line, 1500)}`;
      const { threaded, alone, ownFlows } = await scoreTwice(stream(text, [0.3, 0.35, 0.5, 0.8], 2));
      expect(alone.problem).toMatch(/line \d+/);
      expect(threaded.problem).toBe(alone.problem);
      expect(threaded.output.equals(alone.output)).toBe(true);
      expect(threaded.output.toString().split("\n").length - ownFlows).toBeGreaterThan(1000);
    }
  });
});
