import { appendFileSync, mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { readTable } from "../src/reading/index.ts";
import { openModel } from "../src/scoring/open-model.ts";

const folder = mkdtempSync(join(tmpdir(), "oddflow-chosen-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url)));

const csv = `a,b\n${"1,2\n".repeat(100)}`;
const FILES: Record<string, string | Uint8Array> = {
  "flows.csv": csv,
  "flows.csv.gz": gzipSync(csv),
  "flows.ndjson": '{"a":1}\n',
  "conn.log": "#separator \\x09\n#fields\tts\n#types\ttime\n1.5\n",
  "flows.parquet": fixture("flows.parquet"),
  "model.onnx": fixture("unsw-nb15.onnx"),
};

test("a file that changed or went since it was chosen is refused in words, whatever it holds", async () => {
  const changes: ((path: string) => void)[] = [(path) => appendFileSync(path, "\n"), rmSync];
  for (const [name, content] of Object.entries(FILES)) {
    for (const change of changes) {
      const path = join(folder, name);
      writeFileSync(path, content);
      // As a browser's file, it is read no more once it is another.
      const file = await openAsBlob(path);
      change(path);
      const reading =
        name === "model.onnx"
          ? openModel({ name, file: file as File, url: undefined }, "wasm")
          : readTable(file, name, () => undefined);
      await expect(reading, name).rejects.toMatchObject({
        code: name === "model.onnx" ? "MODEL_NOT_FOUND" : "TABLE_UNREADABLE",
        message: expect.stringMatching(`${name} was changed or removed since it was chosen`),
      });
    }
  }
});
