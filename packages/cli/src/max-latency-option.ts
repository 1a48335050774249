import { OddflowError } from "@oddflow/preprocessing";

/** Milliseconds that flows which come fast wait for others to be scored with, where nobody says otherwise. */
export const MAX_LATENCY: number = 50;

/** Milliseconds. */
const LONGEST_LATENCY = 60_000;

/** The option of commands that score a stream; `parseMaxLatency` reads it. */
export const MAX_LATENCY_OPTION = {
  requiresArg: true,
  type: "string",
  defaultDescription: "50ms",
  describe: "How long flows of a fast stream may wait for others to be scored with",
} as const;

/** Milliseconds of 50ms, 0.2s or 0. @throws OddflowError USAGE */
export function parseMaxLatency(text: string): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text === "0" ? "0ms" : text) ?? [];
  const milliseconds = number === "" ? Number.NaN : Number(number) * (unit === "s" ? 1000 : 1);
  if (milliseconds <= LONGEST_LATENCY) return milliseconds;
  throw new OddflowError(
    "USAGE",
    `--max-latency ${text}: expected a time of up to 60s, such as 50ms or 0.2s`,
  );
}
