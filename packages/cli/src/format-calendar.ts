import type { TrainingRecord } from "@oddflow/detector";
import { HOURS_OF_WEEK } from "@oddflow/preprocessing";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What a model's scores are held against, in one line; undefined where the record of its training says nothing of it. */
export function formatCalendar({ calendar }: TrainingRecord): string | undefined {
  const high = typeof calendar === "object" && calendar !== null && "high" in calendar ? calendar.high : [];
  const levels = Array.isArray(high) ? high.map(Number) : [];
  if (levels.length !== HOURS_OF_WEEK || !levels.every(Number.isFinite)) return undefined;
  const say = (level: number): string => {
    const hour = levels.indexOf(level);
    const clock = `${DAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, "0")}:00`;
    return `${level.toPrecision(4)} on ${clock}`;
  };
  return (
    "scores are held against what is usual at their hour of the week (UTC): before, one usual flow in a hundred is above " +
    `${say(Math.min(...levels))} to ${say(Math.max(...levels))}`
  );
}
