import { openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import {
  COLUMN,
  COLUMN_METADATA,
  FILE,
  footerBytes,
  ROW_GROUP,
  SCHEMA,
} from "../../tables/src/parquet/footer.ts";
import { ENCODING } from "../../tables/src/parquet/page-encoding.ts";
import { binary, int32, int64, struct, structs } from "../../tables/src/parquet/thrift-values.ts";
import { writeThriftStruct } from "../../tables/src/parquet/thrift-writer.ts";
import { CONTRADICTIONS, WHOLE_TABLE, withFooter } from "../../tables/test/contradicting-footers.ts";
import { makeTableFolder } from "../../tables/test/table-folder.ts";
import { cellValue, readTable } from "../src/reading/index.ts";

const folder = await makeTableFolder();
const whole = await folder.copy(WHOLE_TABLE, "whole.parquet", "FORMAT parquet, ROW_GROUP_SIZE 2048");

const read = (bytes: Uint8Array<ArrayBuffer>): ReturnType<typeof readTable> =>
  readTable(new Blob([bytes]), "flows.parquet", () => undefined);

const valuesOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<unknown[][]> => {
  const { columns, rows } = await read(bytes);
  return columns.map((column) => Array.from({ length: rows }, (_, row) => cellValue(column, row)));
};

/** Numbers of Parquet's types and of its encodings beside those that `tables` writes. */
const TYPE = { int32: 1n, text: 6n };
const DELTA = { numbers: 5, texts: 7 };

interface Part {
  readonly type: number;
  readonly header: Readonly<Record<number, ReturnType<typeof int32>>>;
  readonly content: readonly number[];
  /** What the page's header says its content takes, packed and unpacked. */
  readonly size?: number;
  readonly plainSize?: number;
}

interface Composed {
  readonly rows: number;
  readonly type?: bigint;
  readonly pages: readonly Part[];
  readonly writer?: string;
  /** Bytes that the chunk says it has less than it has. */
  readonly short?: number;
}

const data = (values: number, encoding: number, content: readonly number[]): Part => ({
  type: 0,
  header: { 1: int32(values), 2: int32(encoding), 3: int32(3), 4: int32(3) },
  content,
});
const dictionary = (values: number, content: readonly number[]): Part => ({
  type: 2,
  header: { 1: int32(values), 2: int32(ENCODING.plain) },
  content,
});

/** A file of one row group with one column "a" that is never null, its pages as they are given. */
function compose({ rows, type = TYPE.int32, pages, writer, short = 0 }: Composed): Uint8Array<ArrayBuffer> {
  const parts = pages.map(({ type: kind, header, content, size, plainSize }) => [
    ...writeThriftStruct(
      struct({
        1: int32(kind),
        2: int32(plainSize ?? content.length),
        3: int32(size ?? content.length),
        [kind === 0 ? 5 : kind === 2 ? 7 : 8]: struct(header),
      }),
    ),
    ...content,
  ]);
  const bytes = parts.flat();
  const hasDictionary = pages[0]?.type === 2;
  const dataPage = 4 + (hasDictionary ? (parts[0]?.length ?? 0) : 0);
  const metadata = struct({
    [COLUMN_METADATA.type]: int32(Number(type)),
    [COLUMN_METADATA.encodings]: { type: "list", code: 5, items: [int32(0)] },
    [COLUMN_METADATA.path]: { type: "list", code: 8, items: [binary("a")] },
    [COLUMN_METADATA.codec]: int32(0),
    [COLUMN_METADATA.values]: int64(rows),
    [COLUMN_METADATA.bytes]: int64(bytes.length - short),
    [COLUMN_METADATA.compressedBytes]: int64(bytes.length - short),
    [COLUMN_METADATA.dataPage]: int64(dataPage),
    [COLUMN_METADATA.dictionaryPage]: hasDictionary ? int64(4) : undefined,
  });
  const footer = struct({
    [FILE.version]: int32(1),
    [FILE.schema]: structs([
      struct({ [SCHEMA.name]: binary("root"), [SCHEMA.children]: int32(1) }),
      struct({
        [SCHEMA.type]: int32(Number(type)),
        [SCHEMA.repetition]: int32(0),
        [SCHEMA.name]: binary("a"),
      }),
    ]),
    [FILE.rows]: int64(rows),
    [FILE.rowGroups]: structs([
      struct({
        [ROW_GROUP.columns]: structs([struct({ [COLUMN.offset]: int64(4), [COLUMN.metadata]: metadata })]),
        [ROW_GROUP.bytes]: int64(bytes.length),
        [ROW_GROUP.rows]: int64(rows),
      }),
    ]),
    [FILE.createdBy]: writer === undefined ? undefined : binary(writer),
  });
  const magic = [...new TextEncoder().encode("PAR1")];
  return Uint8Array.from([...magic, ...bytes, ...footerBytes(footer)]);
}

const THREE = [7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0];
const three = data(3, ENCODING.plain, THREE);

describe("what a footer says is checked as the commands check it", () => {
  test.each(CONTRADICTIONS)("%s", async (_what, change, message) => {
    await expect(read(withFooter(whole, change))).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test("and the file as it was is read", async () => {
    expect((await read(withFooter(whole, (footer) => footer))).rows).toBe(3000);
  });

  test("a list that is longer than the bytes that are there, before the library makes room for it", async () => {
    // Field 2, a list of a million structs.
    const footer = [0x15, 2, 0x19, 0xfc, 0xc0, 0x84, 0x3d, 0];
    const bytes = [80, 65, 82, 49, ...footer, footer.length, 0, 0, 0, 80, 65, 82, 49];
    await expect(read(Uint8Array.from(bytes))).rejects.toThrow("the bytes end too soon");
  });

  test("more cells than a page has room for", async () => {
    await expect(read(compose({ rows: 2 ** 29 + 1, pages: [three] }))).rejects.toThrow(
      'the page holds 536870912 cells at most, score it with "oddflow score-batch"',
    );
  });
});

describe("what pages say is held against the chunk", () => {
  test("a file composed by hand is read, by both doors", async () => {
    const bytes = compose({ rows: 3, pages: [three] });
    expect(await valuesOf(bytes)).toEqual([[7, 8, 9]]);
    const table = await openTable(folder.write("composed.parquet", bytes));
    expect(table.rows).toBe(3);
    table.close();
  });

  test.each<[string, Composed, RegExp]>([
    [
      "a page that goes on behind its chunk",
      { rows: 3, pages: [{ ...three, size: 13 }] },
      /page 0 of column a of row group 0 has 13 bytes, where 12 are left/,
    ],
    ["a page of fewer bytes than none", { rows: 3, pages: [{ ...three, size: -1 }] }, /has -1 bytes/],
    [
      "a page that unpacks to more than any",
      { rows: 3, pages: [{ ...three, plainSize: 2 ** 28 + 1 }] },
      /has 268435457 bytes unpacked/,
    ],
    ["more values than the footer", { rows: 2, pages: [three] }, /more than the 2 values/],
    [
      "fewer values than the footer",
      { rows: 4, pages: [three] },
      /the pages of column a of row group 0 hold 3 of the 4 values of the footer/,
    ],
    [
      "fewer values than none",
      { rows: 3, pages: [{ ...three, header: { ...three.header, 1: int32(-1) } }] },
      /more than the 3 values/,
    ],
    ["a page of no known type", { rows: 3, pages: [{ ...three, type: 9 }] }, /is of type 9/],
    [
      "a dictionary of more entries than bytes",
      { rows: 3, pages: [dictionary(20, THREE), data(3, ENCODING.dictionary, [2, 3, 0x24, 0])] },
      /a dictionary of 20 values in 12 bytes/,
    ],
    [
      "levels that are longer than their page",
      {
        rows: 3,
        pages: [
          {
            type: 3,
            content: THREE,
            header: { 1: int32(3), 2: int32(0), 3: int32(3), 4: int32(0), 5: int32(9), 6: int32(9) },
          },
        ],
      },
      /has 12 bytes, and 9 and 9 of levels/,
    ],
    [
      "more missing values than values",
      {
        rows: 3,
        pages: [
          {
            type: 3,
            content: THREE,
            header: { 1: int32(3), 2: int32(4), 3: int32(3), 4: int32(0), 5: int32(0), 6: int32(0) },
          },
        ],
      },
      /has 3 values, 4 of them missing/,
    ],
    [
      "delta blocks of no parts",
      { rows: 3, pages: [data(3, DELTA.numbers, [0x80, 1, 0, 3, 14, 2, 0, 0, 0, 0])] },
      /column a of row group 0 cannot be unpacked: .*delta block of 0/,
    ],
    [
      "a text that begins as a longer one than was before it",
      { rows: 1, type: TYPE.text, pages: [data(1, DELTA.texts, [0x80, 1, 4, 1, 10, 0x80, 1, 4, 1, 2, 120])] },
      /has a prefix of 5 bytes/,
    ],
  ])("%s", async (_what, composed, message) => {
    await expect(read(compose(composed))).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test("a run of values that would go on behind the page's end ends with it", async () => {
    // Entry 1 of the dictionary, 5,000 times.
    const bytes = compose({
      rows: 3,
      pages: [dictionary(3, THREE), data(3, ENCODING.dictionary, [2, 0x90, 0x4e, 1])],
    });
    expect(await valuesOf(bytes)).toEqual([[8, 8, 8]]);
  });

  test("a chunk of an early parquet-mr's has bytes behind it that belong to it", async () => {
    const pages = [dictionary(3, THREE), data(3, ENCODING.dictionary, [2, 3, 0x24, 0])];
    const writer = "parquet-mr version 1.2.8";
    expect(await valuesOf(compose({ rows: 3, pages, writer, short: 14 }))).toEqual([[7, 8, 9]]);
  });
});

test("where several columns of a group are damaged, one is told and none fails unheard", async () => {
  const unheard: unknown[] = [];
  const hear = (cause: unknown): number => unheard.push(cause);
  process.on("unhandledRejection", hear);
  // All the data is other bytes; the footer stays.
  const bytes = withFooter(whole, (footer) => footer);
  const end = bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  await expect(
    read(bytes.map((byte, at) => (at < 4 || at >= end ? byte : 255 - byte))),
  ).rejects.toMatchObject({
    code: "TABLE_UNREADABLE",
    message: expect.stringContaining("column a of row group 0"),
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", hear);
  expect(unheard).toEqual([]);
});
