import { type Spread, spreadOf } from "../processes/in-turns.ts";
import type { Figures } from "../targets.ts";
import { CSV, PARQUET, PIPE, SHORT, TRAIN, ZEEK } from "./command-cases.ts";
import { SERVE } from "./served.ts";

/** The build that targets are set against. */
const FORMER_COMMIT = "c176bcb";

interface TakenCase {
  readonly name: string;
  readonly now: readonly number[];
  readonly before?: readonly number[];
}

/** Takes the figures of targets: ratios of the same round. Those against the former build only where it was that. */
export function takeFigures(figures: Figures, taken: readonly TakenCase[], commit: string | undefined): void {
  const find = (name: string): TakenCase | undefined => taken.find((each) => each.name.startsWith(name));
  const put = (figure: keyof Figures, value: Spread | undefined): void => {
    if (value !== undefined) figures[figure] = value;
  };
  // Flows/s against those of a table, of as many flows.
  for (const [figure, name] of [
    ["pipeShare", PIPE],
    ["csvShare", CSV],
    ["zeekShare", ZEEK],
  ] as const) {
    put(figure, ratios(find(PARQUET)?.now, find(name)?.now));
  }
  put("shortRun", spreadOf((find(SHORT)?.now ?? []).map((seconds) => seconds * 1000)));
  if (commit?.startsWith(FORMER_COMMIT) !== true) return;
  const speed = (name: string): Spread | undefined => ratios(find(name)?.before, find(name)?.now);
  put("pipeAgainstFormer", speed(PIPE));
  put("tableAgainstFormer", speed(PARQUET));
  put("serveAgainstFormer", speed(SERVE));
  put("trainAgainstFormer", ratios(find(TRAIN)?.now, find(TRAIN)?.before));
}

function ratios(over: readonly number[] = [], under: readonly number[] = []): Spread | undefined {
  if (over.length === 0 || under.length === 0) return undefined;
  return spreadOf(over.map((value, round) => value / (under[round] ?? Number.NaN)));
}
