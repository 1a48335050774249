import type { ThriftStruct } from "@oddflow/flow-sources";
import { readThriftStruct } from "@oddflow/flow-sources";
import { openTable } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { FILE } from "../src/parquet/footer.ts";
import { int64, structs, withField } from "../src/parquet/thrift-values.ts";
import { CONTRADICTIONS, WHOLE_TABLE, withFooter } from "./contradicting-footers.ts";
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

  test("and the file as it was is read", async () => {
    const table = await openTable(changed((footer) => footer));
    expect(table.rows).toBe(3000);
    table.close();
  });
});
