/**
 * The number that four ASCII digits write; -1 where one of the bytes is no digit. All are told and summed up at once: one by one
 * takes twice as long.
 * @param word the four bytes, the first lowest
 */
export function fourDigits(word: number): number {
  // A digit is 0x30 to 0x39: its upper half is 3, and stays so when 6 is added.
  const isDigits = (word & 0xf0f0f0f0) === DIGITS && ((word + 0x06060606) & 0xf0f0f0f0) === DIGITS;
  if (!isDigits) return -1;
  const ones = word & 0x0f0f0f0f;
  const tens = (Math.imul(ones, 10) + (ones >>> 8)) & 0x00ff00ff;
  return Math.imul(tens & 0xff, 100) + (tens >>> 16);
}

const DIGITS = 0x30303030;
