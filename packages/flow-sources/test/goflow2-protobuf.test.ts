import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goflow2Json, goflow2Lines, goflow2Record } from "../src/index.ts";

const folder = fileURLToPath(new URL("../../../fixtures/sensors/goflow2/protobuf/", import.meta.url));
const PROTOCOLS = ["netflow-v5", "netflow-v9-sampled", "ipfix", "sflow"];

interface Golden {
  /** Messages with their lengths before them. */
  readonly binary: Buffer;
  readonly messages: readonly Uint8Array[];
  /** goflow2's own JSON of the same datagrams. */
  readonly lines: readonly string[];
}

function golden(name: string): Golden {
  const binary = readFileSync(`${folder}${name}.bin`);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < binary.length; ) {
    const low = binary[at++] ?? 0;
    const length = low < 128 ? low : (low & 127) + 128 * (binary[at++] ?? 0);
    messages.push(binary.subarray(at, at + length));
    at += length;
  }
  return { binary, messages, lines: readFileSync(`${folder}${name}.ndjson`, "utf8").trimEnd().split("\n") };
}

/** A line without when its datagram was received, which two collectors say differently. */
function comparable(line: string): string {
  const received = /"time_received_ns":(\d+)/.exec(line)?.[1];
  return received === undefined ? line : line.replaceAll(received, "received");
}

async function linesOf(
  pieces: readonly Uint8Array[],
): Promise<{ readonly text: string; readonly problem: unknown }> {
  const come = async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces;
  };
  const parts: Buffer[] = [];
  let problem: unknown;
  try {
    for await (const part of goflow2Lines(come(), "standard input")) parts.push(Buffer.from(part));
  } catch (thrown) {
    problem = thrown;
  }
  return { text: Buffer.concat(parts).toString(), problem };
}

/** Cuts bytes at places from 0 to 1. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b);
  return [...at, bytes.length].map((end, k) => bytes.subarray(at[k - 1] ?? 0, end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe("goflow2's protobuf has the lines of goflow2's JSON", () => {
  test.each(PROTOCOLS)("%s, message by message", (name) => {
    const { messages, lines } = golden(name);
    expect(messages.map((message) => comparable(goflow2Json(message) ?? ""))).toEqual(lines.map(comparable));
  });

  test("as a stream, however it is cut, with or without line ends between messages", async () => {
    const { binary, messages } = golden("sflow");
    const wanted = messages.map((message) => `${goflow2Json(message)}\n`).join("");
    const lengthOf = (length: number): number[] =>
      length < 128 ? [length] : [(length & 127) | 128, length >> 7];
    const apart = Buffer.concat(
      messages.map((message) => Buffer.from([...lengthOf(message.length), ...message, 10])),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(binary, apart), places, async (bytes, at) => {
        expect(await linesOf(cut(bytes, at))).toEqual({ text: wanted, problem: undefined });
      }),
    );
  });

  test("as values of records, with their length or without", () => {
    for (const { binary, messages } of PROTOCOLS.map(golden)) {
      const [first = new Uint8Array()] = messages;
      const withLength = binary.subarray(0, binary.indexOf(first) + first.length);
      const line = goflow2Json(first);
      expect(line).toBeDefined();
      for (const value of [first, withLength, Buffer.concat([withLength, Buffer.from("\n")])])
        expect(goflow2Record(value)).toBe(line);
    }
  });
});

test("what is no such message is none, and makes no trouble", () => {
  const [message = new Uint8Array()] = golden("ipfix").messages;
  const changed = fc
    .tuple(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length))
    .map(([at, byte, end]) => {
      const copy = message.slice();
      copy[at] = byte;
      return copy.subarray(0, end);
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (bytes) => {
      for (const line of [goflow2Json(bytes), goflow2Record(bytes)]) {
        if (line !== undefined) expect(JSON.parse(line)).toHaveProperty("type");
      }
    }),
    { numRuns: 2000 },
  );
  for (const text of ["", "{}", '{"type":"IPFIX"}', "a,b\n1,2\n"])
    expect(goflow2Record(Buffer.from(text))).toBeUndefined();
});

describe("a stream of something else is passed on as it is", () => {
  test("whatever text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), places, async (text, at) => {
        const bytes = Buffer.from(text.replaceAll("\b", " "));
        expect(await linesOf(cut(bytes, at))).toEqual({ text: bytes.toString(), problem: undefined });
      }),
    );
  });
});

describe("a stream that is damaged is refused behind what came before", () => {
  const { binary, messages, lines } = golden("netflow-v5");
  test.each([
    [
      "cut",
      binary.subarray(0, -5),
      20,
      /message 20 of standard input, goflow2's protobuf, ends before its length/,
    ],
    [
      "with text behind",
      Buffer.concat([binary, Buffer.from("<html>")]),
      21,
      /message 21 .*(ends before its length|is no FlowMessage)/,
    ],
    [
      "too long",
      Buffer.concat([binary, Buffer.from([255, 255, 255, 255, 15])]),
      21,
      /message 21 .* has 4294967295 bytes/,
    ],
    [
      "without a length",
      Buffer.concat([binary, Buffer.alloc(12, 255)]),
      21,
      /message 21 .* has no length before it/,
    ],
  ])("%s", async (_, bytes, at, message) => {
    const { text, problem } = await linesOf([bytes]);
    expect(problem).toBeInstanceOf(OddflowError);
    expect(problem).toMatchObject({ code: "RECORD_INVALID", message: expect.stringMatching(message) });
    expect(text.trimEnd().split("\n")).toHaveLength(at - 1);
    expect([messages.length, lines.length]).toEqual([20, 20]);
  });
});

test("addresses are written as RFC 5952 has them, networks by their first bits", () => {
  const address = fc.array(
    fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(65535) }),
    {
      minLength: 8,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(address, fc.nat(128), (groups, bits) => {
      fc.pre(!(groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff));
      const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
      // A type, a source's address, the bits of its network: fields 1, 6 and 16.
      const line = goflow2Json(
        Uint8Array.from([8, 4, 50, 16, ...bytes, 128, 1, ...(bits < 128 ? [bits] : [128, 1])]),
      );
      const { src_addr, src_net } = JSON.parse(line ?? "{}") as Record<string, string>;
      const written = (some: readonly number[]): string =>
        new URL(`http://[${some.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);
      expect(src_addr).toBe(written(groups));
      const kept = groups.map(
        (group, k) => group & (0xffff0000 >> Math.min(16, Math.max(0, bits - 16 * k))) & 0xffff,
      );
      fc.pre(!(kept.slice(0, 5).every((group) => group === 0) && kept[5] === 0xffff));
      expect(src_net).toBe(`${written(kept)}/${bits}`);
    }),
  );
});
