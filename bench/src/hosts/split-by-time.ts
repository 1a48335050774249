import { readFileSync, writeFileSync } from "node:fs";

/** A table's flows as lines of JSON, cut in two by time. */
export interface SplitByTime {
  /** Seconds since 1970, or ISO 8601 text, in this field. */
  readonly time: string;
  /** Flows from then on are the latter: a time, or the share of each network's flows that come before. */
  readonly at: number | { readonly share: number; readonly network: string };
}

/** Writes the earlier and the later flows each into a file. */
export function splitByTime(path: string, { time, at }: SplitByTime, earlier: string, later: string): void {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const flows = lines.map((line) => ({ line, fields: JSON.parse(line) as Record<string, unknown> }));
  const secondsOf = (fields: Record<string, unknown>): number => {
    const value = fields[time];
    return typeof value === "number" ? value : Date.parse(`${value}Z`) / 1000;
  };
  const cuts = new Map<unknown, number>();
  if (typeof at !== "number") {
    for (const network of new Set(flows.map(({ fields }) => fields[at.network]))) {
      const own = flows
        .filter(({ fields }) => fields[at.network] === network)
        .map(({ fields }) => secondsOf(fields))
        .sort((a, b) => a - b);
      cuts.set(network, own[Math.floor(at.share * own.length)] ?? 0);
    }
  }
  const isLater = (fields: Record<string, unknown>): boolean =>
    secondsOf(fields) >= (typeof at === "number" ? at : (cuts.get(fields[at.network]) ?? 0));
  const write = (to: string, latter: boolean): void =>
    writeFileSync(
      to,
      flows.flatMap(({ line, fields }) => (isLater(fields) === latter ? [`${line}\n`] : [])).join(""),
    );
  write(earlier, false);
  write(later, true);
}
