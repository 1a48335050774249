import type { Choices } from "./seeded-choices.ts";

const LONGEST_CHUNK = 256;
const MOST_EDITS = 4;

type Edit = (bytes: Buffer, choices: Choices) => Buffer;

/** What happens to files on disks and lines: single bits, lost and doubled pieces, blocks of zeros. */
const EDITS: readonly Edit[] = [
  flipBit,
  flipBit,
  (bytes, choices) => fill(bytes, choices, choices.below(256), 1),
  (bytes, choices) => fill(bytes, choices, 0, LONGEST_CHUNK),
  (bytes, choices) => fill(bytes, choices, 255, LONGEST_CHUNK),
  (bytes, choices) => bytes.subarray(0, choices.below(bytes.length + 1)),
  (bytes, choices) => bytes.subarray(choices.below(bytes.length + 1)),
  (bytes, choices) => {
    const [start, end] = chunk(bytes, choices);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  (bytes, choices) => {
    const [start, end] = chunk(bytes, choices);
    return insertAt(bytes, choices.below(bytes.length + 1), bytes.subarray(start, end));
  },
  (bytes, choices) => {
    const [start, end] = chunk(bytes, choices);
    const [rest, piece] = [
      Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]),
      bytes.subarray(start, end),
    ];
    return insertAt(rest, choices.below(rest.length + 1), piece);
  },
  (bytes, choices) => {
    const noise = Buffer.from(
      Array.from({ length: 1 + choices.below(LONGEST_CHUNK) }, () => choices.below(256)),
    );
    return insertAt(bytes, choices.below(bytes.length + 1), noise);
  },
];

/** A copy with one to four edits. */
export function mutateBytes(bytes: Uint8Array, choices: Choices): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let edits = 1 + choices.below(MOST_EDITS); edits > 0; edits--)
    mutated = choices.of(EDITS)(mutated, choices);
  return mutated;
}

/** The bytes with others put between. */
export function insertAt(bytes: Buffer, place: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place)]);
}

function flipBit(bytes: Buffer, choices: Choices): Buffer {
  const flipped = Buffer.from(bytes);
  const place = choices.below(bytes.length);
  if (flipped.length > 0) flipped[place] = (flipped[place] as number) ^ (1 << choices.below(8));
  return flipped;
}

function fill(bytes: Buffer, choices: Choices, value: number, longest: number): Buffer {
  const start = choices.below(bytes.length);
  return Buffer.from(bytes).fill(value, start, Math.min(bytes.length, start + 1 + choices.below(longest)));
}

function chunk(bytes: Buffer, choices: Choices): [number, number] {
  const start = choices.below(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + choices.below(LONGEST_CHUNK))];
}
