import {
  type FlowRow,
  flowScores,
  type RowHead,
  ScoredJsonWriter,
  ScoredRowsWriter,
} from "@oddflow/flow-sources";
import type { ScoredRows } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const NAMES = ["dur", 'a "b"', "größe"];

const float = fc.float().map(Math.fround);
const score = fc.oneof(float, fc.constantFrom(0, -0, Number.NaN, Infinity, 1e-30, 3e38, 1.5, 7));
const rarity = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-7, 0.1 + 0.2));
const reason = fc.option(fc.array(fc.string(), { maxLength: 2 }).map((list) => JSON.stringify(list)));
const oneRow = fc.tuple(score, fc.boolean(), rarity, fc.array(fc.integer({ min: -1, max: 2 })), reason);

/** Scores of some rows, with two top columns and reasons each or without. */
const scoredRows = fc
  .tuple(fc.array(oneRow, { minLength: 1, maxLength: 5 }), fc.boolean(), fc.boolean())
  .map(([rows, hasTop, hasReasons]): ScoredRows => {
    const top = Int16Array.from(rows.flatMap(([, , , places]) => [places[0] ?? -1, places[1] ?? -1]));
    return {
      score: Float32Array.from(rows, ([own]) => own),
      isAnomaly: Uint8Array.from(rows, ([, own]) => (own ? 1 : 0)),
      rarity: Float64Array.from(rows, ([, , own]) => own),
      ...(hasTop ? { top } : {}),
      ...(hasReasons ? { reasons: rows.map(([, , , , own]) => own) } : {}),
    };
  });

describe("scores that are written from their arrays are what their values are written as", () => {
  test("as the fields of a JSON object", () => {
    const record = '{"a":1.50 , "é":"x"}';
    const bytes = new TextEncoder().encode(`  ${record}`);
    fc.assert(
      fc.property(scoredRows, fc.constantFrom("all", "none"), fc.boolean(), (rows, kept, isNew) => {
        const [direct, byText] = [new ScoredJsonWriter(kept, NAMES), new ScoredJsonWriter(kept)];
        const place = { start: 2, end: bytes.length, isNew, isLine: true };
        for (const row of rows.score.keys()) {
          direct.appendScores(bytes, place, rows, row);
          byText.append(bytes, 2, bytes.length, JSON.stringify(flowScores(rows, row, NAMES)), isNew);
        }
        expect(new TextDecoder().decode(direct.take())).toBe(new TextDecoder().decode(byText.take()));
      }),
    );
  });

  test("as cells behind a row, where it is taken", () => {
    const head = (delimiter: string, isZeek: boolean): RowHead => ({
      names: ["a", "b"],
      header: ["a", "b"],
      delimiter,
      rewritten: [],
      ...(isZeek ? { zeek: ZEEK } : {}),
    });
    const delimiter = fc.constantFrom(",", "\t", ";", "|", "1", "e", ".", "-", "T");
    let taken = 0;
    fc.assert(
      fc.property(scoredRows, delimiter, fc.boolean(), fc.boolean(), (rows, between, isZeek, whole) => {
        const kept = whole ? "all" : { except: ["b"] };
        const [direct, byText] = [new ScoredRowsWriter(kept), new ScoredRowsWriter(kept)];
        const own = head(between, isZeek);
        const cells = ["x", " y "];
        const text = cells.join(between);
        const bytes = new TextEncoder().encode(`zz${text}`);
        const row: FlowRow = { head: own, cells, text, line: 1 };
        for (const place of rows.score.keys()) {
          byText.append(row, flowScores(rows, place, NAMES));
          if (direct.appendPlain({ head: own, bytes, start: 2, end: bytes.length }, rows, place)) taken++;
          else direct.append(row, flowScores(rows, place, NAMES));
        }
        expect(new TextDecoder().decode(direct.take())).toBe(new TextDecoder().decode(byText.take()));
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(20);
  });
});

const ZEEK: NonNullable<RowHead["zeek"]> = {
  names: ["a", "b"],
  types: ["string", "string"],
  separator: "\t",
  setSeparator: ",",
  emptyField: "(empty)",
  unsetField: "-",
  lines: ["#separator \\x09"],
  hasSpacedCells: false,
};

test("a record over several lines becomes one line, with its scores", () => {
  const bytes = new TextEncoder().encode('{\n"a":1,\r\n"b":2\n}');
  const writer = new ScoredJsonWriter("all");
  const rows: ScoredRows = {
    score: Float32Array.of(0.5),
    isAnomaly: Uint8Array.of(1),
    rarity: Float64Array.of(0.25),
  };
  writer.appendScores(bytes, { start: 0, end: bytes.length, isNew: true, isLine: false }, rows, 0);
  expect(new TextDecoder().decode(writer.take())).toBe(
    '{ "a":1,  "b":2,"score":0.5,"is_anomaly":true,"probability":0.25}\n',
  );
});
