import { parseArgs } from "node:util";

export interface KafkaCheckOptions {
  /** Of every random choice. */
  readonly seed: number;
  /** That consumers are disturbed with. */
  readonly flows: number;
  readonly disturbances: number;
  readonly partitions: number;
  /** Measures speed with so many flows, and nothing else. */
  readonly speed: number | undefined;
  readonly rounds: number;
}

/** @throws Error for what is no option or no number */
export function readOptions(args: readonly string[]): KafkaCheckOptions {
  const { values } = parseArgs({
    // pnpm hands on the -- that npm would take away.
    args: args[0] === "--" ? args.slice(1) : [...args],
    options: {
      seed: { type: "string", default: "1" },
      flows: { type: "string", default: "50000" },
      disturbances: { type: "string", default: "2" },
      partitions: { type: "string", default: "4" },
      speed: { type: "string" },
      rounds: { type: "string", default: "3" },
    },
  });
  const { seed, flows, disturbances, partitions, speed, rounds } = values;
  return {
    seed: numberOf("seed", seed),
    flows: numberOf("flows", flows),
    disturbances: numberOf("disturbances", disturbances),
    partitions: numberOf("partitions", partitions),
    speed: speed === undefined ? undefined : numberOf("speed", speed),
    rounds: numberOf("rounds", rounds),
  };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text)) throw new Error(`--${name} ${text}: expected a whole number`);
  return number;
}
