import { residentBytes } from "./processes.ts";

const SAMPLE_MILLISECONDS = 250;

/** Medians of the memory that a process held in the second and the last third of the time; the first is warming up. */
export interface HeldMemory {
  readonly megabytesBefore: number;
  readonly megabytesAfter: number;
}

/** Looks at what a process holds until it is stopped. */
export function watchMemory(pid: number | undefined): { stop(): HeldMemory } {
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(residentBytes(pid)), SAMPLE_MILLISECONDS);
  return {
    stop() {
      clearInterval(sampling);
      const held = samples.filter((bytes) => bytes > 0);
      const third = Math.floor(held.length / 3);
      return {
        megabytesBefore: medianMegabytes(held.slice(third, 2 * third)),
        megabytesAfter: medianMegabytes(held.slice(-third)),
      };
    },
  };
}

function medianMegabytes(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) / 1e6);
}
