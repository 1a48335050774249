import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type KafkaRecord, readRecordFile, writeRecordFile } from "../kafka/records.ts";

const folder = mkdtempSync(join(tmpdir(), "oddflow-kafka-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file of records holds them to the byte: keys, headers, values, and what is null or empty of them", async () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)));
  const name = fc.string({ unit: "grapheme", maxLength: 5 });
  const record: fc.Arbitrary<KafkaRecord> = fc.record({
    partition: fc.nat(),
    key: bytes,
    headers: fc.array(fc.tuple(name, bytes), { maxLength: 3 }),
    value: bytes,
  });
  const path = join(folder, "records.tsv");
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 10 }), async (records) => {
      await writeRecordFile(path, records);
      // As Kafka's client writes what it has read.
      let offset = 0;
      writeFileSync(
        path,
        readFileSync(path, "utf8").replaceAll("\n", () => `\t${offset++}\n`),
      );
      const read = [];
      for await (const each of readRecordFile(path)) read.push(each);
      expect(read).toEqual(records.map((written, k) => ({ ...written, offset: k })));
    }),
  );
});
