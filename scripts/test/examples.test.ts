import { expect, test } from "vitest";
import { findMissingLine } from "../examples/printed-lines.ts";

const printed = `trained on week-1.parquet
       row     score  share  what made it odd
    12,916     4.687    8 %  dwin 0, usually 255 (1 in 2,100 flows is this far off)

alerts     109 (0.45 %), score 4.032 or more
{"port":80,"score":8.8e-1,"is_anomaly":true,"reasons":null}
written    out/model.onnx
`;

test.each([
  printed,
  "alerts 7 (12.4 %), score 1e-3 or more",
  "trained on week-2.parquet\n...\nwritten    out/model.onnx",
  "    1     1.5    9 %  protocol a rare or new value",
  '{...,"score":1,...,"reasons":null}',
])("what an example's README shows may differ in numbers and leave lines out: %j", (shown) => {
  expect(findMissingLine(shown, printed)).toBeUndefined();
});

test.each([
  ["alarms     109 (0.45 %), score 4.032 or more", "alarms     109 (0.45 %), score 4.032 or more"],
  ["written    out/model.onnx\ntrained on week-1.parquet", "trained on week-1.parquet"],
  ["trained on week-1.parquet\ntrained on week-1.parquet", "trained on week-1.parquet"],
  ['{"score":1,"is_anomaly":false,...}', '{"score":1,"is_anomaly":false,...}'],
  ["    1     9 %  dwin 0", "    1     9 %  dwin 0"],
])("and is held to the words, their order and their count: %j", (shown, missing) => {
  expect(findMissingLine(shown, printed)).toBe(missing);
});
