import {
  createRecordsBatch,
  fetchV12,
  fetchV13,
  fetchV14,
  fetchV15,
  fetchV16,
  fetchV17,
  Reader,
  Writer,
} from "@platformatic/kafka";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isFailure, refusalOf } from "../src/broker-failure.ts";
import { readFetchResponse } from "../src/fetch-response.ts";
import { wantedBatches } from "../src/fetched-records.ts";
import { readRecords } from "../src/topic-records.ts";
import { anyRecord, messagesOf, type PlainRecord, plainRecords } from "./log-bytes.ts";

const VERSIONS = [fetchV12, fetchV13, fetchV14, fetchV15, fetchV16, fetchV17];
const UUID = "01234567-89ab-cdef-0123-456789abcdef";

interface GivenPartition {
  readonly index: number;
  readonly reach: bigint;
  readonly aborted: readonly (readonly [producer: bigint, from: bigint])[];
  readonly records: readonly PlainRecord[];
}

const exact = fc.bigInt(0n, 2n ** 53n - 1n);
const anyPartition: fc.Arbitrary<GivenPartition> = fc.record({
  index: fc.nat(1000),
  reach: exact,
  aborted: fc.array(fc.tuple(exact, exact), { maxLength: 3 }),
  records: fc.array(anyRecord, { maxLength: 5 }),
});

/** @param tags tagged fields behind each partition, as newer brokers have them @param error what they answer */
function answer(
  version: number,
  topics: readonly (readonly GivenPartition[])[],
  { tags = [], error = 0 }: { tags?: readonly Buffer[]; error?: number } = {},
): Buffer {
  const writer = Writer.create().appendInt32(7).appendInt16(0).appendInt32(0);
  writer.appendArray([...topics], (own, partitions) => {
    if (version < 13) own.appendString("flows");
    else own.appendUUID(UUID);
    own.appendArray(
      [...partitions],
      (w, { index, reach, aborted, records }) => {
        w.appendInt32(index).appendInt16(error).appendInt64(reach).appendInt64(reach).appendInt64(0n);
        w.appendArray([...aborted], (all, [producer, from]) => {
          all.appendInt64(producer).appendInt64(from);
        });
        const batch = records.length === 0 ? Buffer.alloc(0) : createRecordsBatch(messagesOf(records)).buffer;
        w.appendInt32(-1)
          .appendUnsignedVarInt(batch.length + 1)
          .append(batch);
        w.appendUnsignedVarInt(tags.length);
        for (const [tag, text] of tags.entries())
          w.appendUnsignedVarInt(tag).appendUnsignedVarInt(text.length).append(text);
      },
      true,
      false,
    );
  });
  return writer.appendTaggedFields().buffer;
}

const topicsOf = fc.array(fc.array(anyPartition, { maxLength: 4 }), { maxLength: 2 });

test("an answer is read as the client reads it, in every version", () => {
  fc.assert(
    fc.property(topicsOf, fc.constantFrom(...VERSIONS), (topics, { api, parseResponse }) => {
      const bytes = answer(api.version, topics);
      const expected = parseResponse(0, 1, api.version, Reader.from(Buffer.from(bytes)));
      const found = readFetchResponse(bytes, api.version);
      expect(found.responses.map(({ partitions }) => partitions.map(withoutBatches))).toEqual(
        expected.responses.map(({ partitions }) =>
          partitions.map(({ partitionIndex, highWatermark, abortedTransactions }) => ({
            partitionIndex,
            highWatermark: Number(highWatermark),
            abortedTransactions: abortedTransactions.map(({ producerId, firstOffset }) => ({
              producerId: Number(producerId),
              firstOffset: Number(firstOffset),
            })),
          })),
        ),
      );
      expect(recordsOf(found)).toEqual(topics.flat().map(({ records }) => records));
    }),
    { numRuns: 25 },
  );
});

test("what newer brokers add behind a partition is skipped", () => {
  const tags = fc.array(
    fc.uint8Array({ maxLength: 200 }).map((own) => Buffer.from(own)),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(topicsOf, tags, (topics, added) => {
      const found = readFetchResponse(answer(17, topics, { tags: added }), 17);
      expect(recordsOf(found)).toEqual(topics.flat().map(({ records }) => records));
    }),
    { numRuns: 25 },
  );
});

test("what a broker says to have failed is thrown by its name, as the client throws it", () => {
  for (const [error, name] of [
    [1, "OFFSET_OUT_OF_RANGE"],
    [6, "NOT_LEADER_OR_FOLLOWER"],
    [29, "TOPIC_AUTHORIZATION_FAILED"],
  ] as const) {
    const tags = [Buffer.from("the leader is another")];
    const bytes = answer(17, [[{ index: 0, reach: 9n, aborted: [], records: [] }]], { error, tags });
    const thrown = thrownBy(() => readFetchResponse(bytes, 17));
    expect(isFailure(thrown, name)).toBe(true);
    expect(refusalOf(thrown, { brokers: ["b:1"], topic: "flows", group: "g" })?.code).toBe(
      error === 29 ? "BROKER_REFUSED" : undefined,
    );
  }
});

test("an answer that is damaged or cut off is read in part or refused as such, and nothing else happens", () => {
  fc.assert(
    fc.property(
      topicsOf,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.nat(),
      (topics, changes, cut) => {
        const bytes = answer(17, topics);
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        const given = bytes.subarray(0, bytes.length - (cut % bytes.length));
        const thrown = thrownBy(() => recordsOf(readFetchResponse(given, 17)));
        if (thrown !== undefined)
          expect(String(thrown)).toMatch(
            /damaged|out of range|bounds|format of before|error while executing|property 'id'/,
          );
      },
    ),
    { numRuns: 250 },
  );
});

type Response = ReturnType<typeof readFetchResponse>;

function withoutBatches({
  batches: _,
  ...others
}: Response["responses"][number]["partitions"][number]): unknown {
  return others;
}

function recordsOf({ responses }: Response): PlainRecord[][] {
  return responses.flatMap(({ partitions }) =>
    partitions.map((partition) => {
      const { wanted } = wantedBatches({ ...partition, abortedTransactions: [] }, 0);
      return plainRecords(readRecords(wanted));
    }),
  );
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
