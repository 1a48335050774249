import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { expect, test } from "vitest";
import { scoreStream } from "../src/score-stream.ts";
import { keepingScorer } from "./keeping-scorer.ts";

const folder = fileURLToPath(new URL("../../../fixtures/sensors/goflow2/protobuf/", import.meta.url));
const columns: readonly ColumnCoding[] = [
  { kind: "number", name: "bytes" },
  { kind: "number", name: "packets" },
  { kind: "category", name: "proto", valueType: "text", vocabulary: ["ICMP", "TCP", "UDP"] },
  { kind: "category", name: "etype", valueType: "text", vocabulary: ["IPv4", "IPv6"] },
  { kind: "category", name: "dst_port", valueType: "number", vocabulary: ["53", "80", "443"] },
];

async function pipe(name: string): Promise<{ readonly flows: number[]; readonly lines: string[] }> {
  const flows: number[] = [];
  const output = new PassThrough();
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  await scoreStream(
    Readable.from([readFileSync(`${folder}${name}`)]),
    output,
    keepingScorer(columns, flows),
    {
      threshold: 1,
      top: 0,
      fields: "all",
    },
  );
  return { flows, lines: Buffer.concat(heard).toString().trimEnd().split("\n") };
}

test.each(["netflow-v5", "netflow-v9-sampled", "ipfix", "sflow"])(
  "a pipe of goflow2's protobuf has the flows of its JSON, and is written as that: %s",
  async (name) => {
    const [binary, json] = await Promise.all([pipe(`${name}.bin`), pipe(`${name}.ndjson`)]);
    expect(json.flows).toHaveLength(20 * columns.length);
    expect(binary.flows).toEqual(json.flows);
    const timeless = (line: string): string => line.replace(/"time_\w+":\d+/g, "");
    expect(binary.lines.map(timeless)).toEqual(json.lines.map(timeless));
  },
);
