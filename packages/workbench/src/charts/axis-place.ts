import type { ValueAxis } from "@oddflow/report/look";

/** Where a score lies on an axis: 0 at its start, 1 at its end; what lies outside is at the edge. */
export function placeOnAxis({ type, domain: [low, high] }: ValueAxis, score: number): number {
  const place =
    type === "log"
      ? Math.log(Math.max(score, low) / low) / Math.log(high / low)
      : (score - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}

/** The score at a place on an axis. */
export function scoreAtPlace({ type, domain: [low, high] }: ValueAxis, place: number): number {
  if (place <= 0) return low;
  if (place >= 1) return high;
  return type === "log" ? low * (high / low) ** place : low + (high - low) * place;
}
