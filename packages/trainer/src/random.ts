/** A seeded stream of random numbers: xoshiro128** by Blackman and Vigna (2018), seeded through splitmix32. */
export interface RandomStream {
  /** The next 32 random bits, as a number from 0 to 2^32 - 1. */
  bits(): number;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
}

/** `purpose` keeps streams of the same seed apart, so that drawing more in one place changes nothing in another. */
export function randomStream(seed: number, purpose: string): RandomStream {
  let mix = seed >>> 0;
  for (const character of purpose) mix = Math.imul(mix ^ character.charCodeAt(0), 0x01000193) >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = next();
  let b = next();
  let c = next();
  let d = next();
  const bits = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    bits,
    uniform: () => bits() / 0x1_0000_0000,
    below: (limit) => Math.floor((bits() / 0x1_0000_0000) * limit),
  };
}

/** Shuffles in place (Fisher and Yates) and returns the same array. */
export function shuffle(values: Uint32Array, random: RandomStream): Uint32Array {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swapped = values[i] as number;
    values[i] = values[j] as number;
    values[j] = swapped;
  }
  return values;
}

/** At most `most` of the numbers 0 to `count - 1`, rising; all of them where there are no more. */
export function drawEvenly(count: number, most: number, random: RandomStream): Uint32Array {
  const all = Uint32Array.from({ length: count }, (_, number) => number);
  return count <= most ? all : shuffle(all, random).slice(0, most).sort();
}
