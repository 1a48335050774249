import { OddflowError } from "@oddflow/preprocessing";

/** Seconds. */
export const DEFAULT_WINDOW = 3600;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds: a minute to a week. */
const LENGTHS = { least: 60, most: 7 * 86_400 };

/** Reads 10m, 1h or 1d as seconds. @throws OddflowError USAGE */
export function parseWindow(option: string): (text: string) => number {
  return (text) => {
    const [, number = "", unit = ""] = /^(\d+)([smhd])$/.exec(text.trim()) ?? [];
    const seconds = Number(number) * (UNITS[unit] ?? Number.NaN);
    if (seconds >= LENGTHS.least && seconds <= LENGTHS.most) return seconds;
    throw new OddflowError(
      "USAGE",
      `--${option} ${text}: expected a minute to a week, such as 10m, 1h or 1d`,
    );
  };
}

/** As `parseWindow` reads it. */
export function windowText(seconds: number): string {
  const [unit, length] = Object.entries(UNITS).findLast(([, own]) => seconds % own === 0) ?? ["s", 1];
  return `${seconds / length}${unit}`;
}
