import { type CsvFault, CsvRows, columnNames, isHeader, placeNames } from "@oddflow/flow-sources";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const fail = ({ problem }: CsvFault): Error => new Error(problem);

/** Cuts a text at random places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => text.slice(from, cuts[i] ?? text.length));
}

/** The rows of a text that comes in pieces, and what ends them early. */
function read(pieces: readonly string[], longest?: number): { rows: unknown[]; problem?: string } {
  const parser = new CsvRows(",", fail, longest);
  const rows: unknown[] = [];
  try {
    for (const piece of pieces) rows.push(...parser.read(piece));
    for (let last = parser.end(); last.length > 0; last = parser.end()) rows.push(...last);
    return { rows };
  } catch (error) {
    return { rows, problem: (error as Error).message };
  }
}

const cell = fc.string({ unit: fc.constantFrom("a", "1", ",", '"', "\n", "\r", " ", "é"), maxLength: 6 });
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  );
const lineEnds = fc.array(fc.constantFrom("\n", "\r\n", "\r"), { minLength: 6, maxLength: 6 });

describe("rows", () => {
  test("come back as they were written, whatever ends their lines and wherever the text is cut", () => {
    fc.assert(
      fc.property(table, lineEnds, fc.boolean(), fc.array(fc.nat()), (rows, ends, last, places) => {
        const quoted = (text: string): string =>
          /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const text = rows
          .map((row, i) => row.map(quoted).join(",") + (last || i < rows.length - 1 ? ends[i] : ""))
          .join("");
        // A \r at the end of one line and a \n at the beginning of the next are one line end.
        const found = read(cutAt(text, places));
        expect(found.problem).toBeUndefined();
        expect(found.rows.map((row) => (row as { cells: string[] }).cells)).toEqual(rows);
      }),
    );
  });

  test("and what is wrong are the same wherever any text is cut", () => {
    const text = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " "), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (whole, places) => {
        expect(read(cutAt(whole, places), 12)).toEqual(read([whole], 12));
      }),
    );
  });

  test("are told by the line on which they begin", () => {
    expect(read(['\r\n\na,b\n"x\r\ny",2\r', "\r\n3,4"]).rows).toEqual([
      { cells: ["a", "b"], text: "a,b", line: 3, isEnded: true },
      { cells: ["x\r\ny", "2"], text: '"x\r\ny",2', line: 4, isEnded: true },
      { cells: ["3", "4"], text: "3,4", line: 7, isEnded: false },
    ]);
    expect(read(["a\n\nb\n"]).rows).toEqual([
      { cells: ["a"], text: "a", line: 1, isEnded: true },
      { cells: [""], text: "", line: 2, isEnded: true },
      { cells: ["b"], text: "b", line: 3, isEnded: true },
    ]);
  });

  test("before what cannot be read are given first", () => {
    expect(read(['a,b\n1,2\n3,"x"y\n4,5\n'])).toMatchObject({
      rows: [{ line: 1 }, { line: 2 }],
      problem: "line 3 has text behind a closing quote; write a quote within quotes twice",
    });
    expect(read(['a,b\n1,"open\n2,3\n']).problem).toBe("line 2 opens a quote that is never closed; close it");
    expect(read(["a,b\n", "1,".padEnd(30, "x")], 20).problem).toMatch(/^line 2 has more than 20 letters/);
  });
});

describe("a header", () => {
  test("is a row without values", () => {
    expect(isHeader([" Flow Duration", "", "Unnamed: 0", "id.orig_h", "3com", "infoTag"])).toBe(true);
    for (const value of [
      "0",
      "-1.5e3",
      " 7 ",
      "inf",
      "2026-11-28 10:00:00",
      "10.0.0.1",
      "fe80::1",
      "02:00:00:aa:bb:cc",
    ]) {
      expect(isHeader(["tcp", value]), value).toBe(false);
    }
  });

  test("gives every column a name of its own, which its case does not tell alone", () => {
    expect(columnNames([" a ", "A", "a", "", "a_1"])).toEqual(["a", "A_1", "a_2", "column3", "a_1_1"]);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "A ", "a_1", "", "b", "column1"), { maxLength: 14 }),
        (cells) => {
          const names = columnNames(cells);
          expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(cells.length);
        },
      ),
    );
    expect(placeNames(11).slice(9)).toEqual(["column09", "column10"]);
  });
});
