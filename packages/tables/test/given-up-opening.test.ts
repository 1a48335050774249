import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();
const ROWS = 300_000;

const cells = `a,b\n${Array.from({ length: ROWS }, (_, i) => `${i},"x ${i}"`).join("\n")}\n`;
const records = Array.from({ length: ROWS }, (_, i) => `{"a":${i},"b":"x ${i}"}\n`).join("");
const FILES = {
  "rows.csv": cells,
  "rows.csv.gz": gzipSync(cells),
  // Line ends that differ: DuckDB is given a copy.
  "copied.csv": cells.replace("\n", "\r\n"),
  "records.ndjson": records,
  "records.ndjson.gz": gzipSync(records),
};

test.each(Object.entries(FILES))(
  "opening %s ends as soon as nobody wants it any more",
  async (name, content) => {
    const path = folder.write(name, content);
    // In milliseconds: before DuckDB has started, and while the files are looked at.
    for (const moment of [0, 10, 40]) {
      const ending = new AbortController();
      const opening = openTable([path, path], { signal: ending.signal });
      opening.catch(() => undefined);
      if (moment > 0) await setTimeout(moment);
      const reason = new Error("given up");
      ending.abort(reason);
      await expect(opening).rejects.toBe(reason);
    }
    const table = await openTable(path, { signal: new AbortController().signal });
    expect(table.rows).toBe(ROWS);
    table.close();
  },
);
