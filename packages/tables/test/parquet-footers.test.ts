import type { ThriftStruct } from "@oddflow/flow-sources";
import { readThriftStruct } from "@oddflow/flow-sources";
import { createScoredTableWriter, openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { FILE } from "../src/parquet/footer.ts";
import { int64, structs, withField } from "../src/parquet/thrift-values.ts";
import {
  CONTRADICTIONS,
  rowsEverywhere,
  shortenChunks,
  WHOLE_TABLE,
  withFooter,
} from "./contradicting-footers.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const whole = await folder.copy(WHOLE_TABLE, "whole.parquet", "FORMAT parquet, ROW_GROUP_SIZE 2048");
let count = 0;

/** The file with another footer. */
const changed = (change: (footer: ThriftStruct) => ThriftStruct): string =>
  folder.write(`changed-${count++}.parquet`, withFooter(whole, change));

describe("a footer that contradicts itself is refused, and nothing follows it", () => {
  test.each(CONTRADICTIONS)("%s", async (_what, change, message) => {
    await expect(openTable(changed(change))).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(message),
    });
  });

  test("also behind a claim that it is encrypted, and by a number without an end", async () => {
    const claimed = changed((footer) =>
      withField(withField(footer, FILE.rows, int64(7)), FILE.encryption, structs([])),
    );
    await expect(openTable(claimed)).rejects.toMatchObject({ code: "TABLE_UNREADABLE" });
    // Field 1, an integer of 32 bits, whose bytes all say that another follows.
    expect(() => readThriftStruct(Buffer.from([0x15, ...new Array<number>(11).fill(0xff)]))).toThrow(
      /more than ten bytes/,
    );
  });

  test("also where a chunk is large, and its rows are too many for its bytes", async () => {
    const large = await folder.copy("SELECT hash(range) AS a FROM range(20000)", "large.parquet");
    const claimed = folder.write(
      "claimed.parquet",
      withFooter(large, (footer) => rowsEverywhere(footer, 2n ** 33n)),
    );
    await expect(openTable(claimed)).rejects.toMatchObject({
      code: "TABLE_UNREADABLE",
      message: expect.stringMatching(/hold 20000 of the 8589934592 values/),
    });
  });

  test("and the file as it was is read", async () => {
    const table = await openTable(changed((footer) => footer));
    expect(table.rows).toBe(3000);
    table.close();
  });
});

describe("a file of a parquet-mr that leaves a dictionary's header out of a chunk's size", () => {
  // A version without its last number is one of 0, as readers have it.
  test.each(["parquet-mr version 1.2.8", "parquet-mr version 1.2", "parquet-mr"])(
    "comes along whole: %s",
    async (writer) => {
      const values = "SELECT (range % 5)::INT AS a, 'x' || range % 7 AS b, range % 11 AS c FROM range(3000)";
      const plain = await folder.copy(values, "old.parquet");
      const table = await openTable(folder.write("short.parquet", shortenChunks(plain, writer)));
      const path = folder.at("old.scored.parquet");
      const output = await createScoredTableWriter(table, { path, columns: "all" });
      await output.write({
        score: new Float32Array(3000),
        isAnomaly: new Uint8Array(3000),
        rarity: new Float64Array(3000),
      });
      await output.finish();
      table.close();
      expect(await folder.sql(`SELECT a, b, c FROM '${path}'`)).toEqual(await folder.sql(values));
    },
  );
});
