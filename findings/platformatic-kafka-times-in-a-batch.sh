#!/usr/bin/env bash
# Package: @platformatic/kafka 1.35.0 with @platformatic/dynamic-buffer 0.3.1 (Node 20 or later).
# Behaviour: of two messages in one batch whose timestamps lie more than 24.8 days (2^31 ms) apart, the later one is written with a time that is not
#   its own, most often in the past: the difference goes through a zigzag code of 64 bits whose sign is taken from bit 31. The batch's
#   maxTimestamp is right. Consumers of any language read the wrong time. Nothing is said. Flows that are replayed from a store are sent so.
# Seen on 2026-11-29:
#   0 days apart: written as 0, maxTimestamp says 0
#   24 days apart: written as 24, maxTimestamp says 24
#   25 days apart: written as -25, maxTimestamp says 25
#   30 days apart: written as -30, maxTimestamp says 30
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
npm install --no-audit --no-fund --silent --prefix . @platformatic/kafka@1.35.0 @platformatic/dynamic-buffer@0.3.1 >/dev/null 2>&1
cat > batch.mjs <<'JS'
import { createRecordsBatch, Reader, readRecordsBatch } from "@platformatic/kafka";

const DAY = 86_400_000n;
const first = 1_767_225_600_000n;
for (const days of [0n, 24n, 25n, 30n]) {
  const message = (timestamp) => ({ topic: "flows", key: Buffer.from("k"), value: Buffer.from("v"), timestamp });
  const bytes = createRecordsBatch([message(first), message(first + days * DAY)]);
  const batch = readRecordsBatch(Reader.from(bytes));
  const inDays = (milliseconds) => Math.round(Number(milliseconds) / Number(DAY));
  const most = inDays(batch.maxTimestamp - batch.firstTimestamp);
  console.log(`${days} days apart: written as ${inDays(batch.records[1].timestampDelta)}, maxTimestamp says ${most}`);
}
JS
node batch.mjs > out.txt
cat out.txt
sed -n '/^# Seen/,/^set/s/^#   \(.*\)/\1/p' "$self" | diff - out.txt
