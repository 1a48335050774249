import { OddflowError } from "@oddflow/preprocessing";

/** An option that does nothing beside others, though somebody gave it. */
export interface IdleOption<Options> {
  /** Its name on the command line. */
  readonly option: keyof Options & string;
  readonly isIdle: (options: Options) => boolean;
  /** What it is for, as the end of a sentence that begins with the option. */
  readonly isFor: string;
}

/**
 * Refuses options without effect: whoever gave one believes that it did something.
 * @throws OddflowError USAGE
 */
export function refuseIdle<Options>(options: Options, rules: readonly IdleOption<Options>[]): void {
  for (const { option, isIdle, isFor } of rules) {
    if (options[option] === undefined || !isIdle(options)) continue;
    throw new OddflowError("USAGE", `--${option} ${isFor}; leave it out`);
  }
}

/** Threads beside a provider that has none. */
export const CPU_THREADS: IdleOption<{ threads?: number | undefined; provider?: string | undefined }> = {
  option: "threads",
  isIdle: ({ provider }) => provider === "cuda" || provider === "webgpu",
  isFor: "is for the CPU, and --provider names a GPU",
};
