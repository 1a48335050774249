import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { runOddflow } from "../processes/run-oddflow.ts";
import { writeDated } from "../write-dated.ts";
import { type RealisedAlarms, realisedAlarms } from "./realised-alarms.ts";
import { writeDays } from "./weeks-of-traffic.ts";

/*
 * `pnpm bench:calendar`: alarms on later days beside their budget, with scores held against the hour of the week and without. The
 * traffic is made up and usual throughout, so each alarm is one that the budget grants.
 */

/** Of traffic and training alike; those that stand here were used for nothing else: what was tried was tried on others. */
const SEEDS = process.argv.slice(2).map(Number);
if (SEEDS.length === 0) SEEDS.push(4, 5, 6);
/** Days to train on, and then days to score. */
const TRAINING_DAYS = [14, 21];
const LATER_DAYS = 14;
const BUDGETS = [0.01, 0.001];
const WAYS = ["auto", "off"];

const results: (RealisedAlarms & { days: number; seed: number; calendar: string; budget: number })[] = [];
for (const days of TRAINING_DAYS)
  for (const seed of SEEDS) {
    const folder = mkdtempSync(join(tmpdir(), "oddflow-calendar-"));
    try {
      await runSeed(days, seed, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
print(`\nEvery figure: ${writeDated("calendar", results)}`);

async function runSeed(days: number, seed: number, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  writeDays(at("training.csv"), seed, 0, days);
  writeDays(at("later.csv"), seed, days, days + LATER_DAYS);
  print(`\nTrained on ${days} days, seed ${seed}: alarms on ${LATER_DAYS} later days, as times the budget`);
  for (const calendar of WAYS) {
    const model = at(`${calendar}.onnx`);
    runOddflow("train", at("training.csv"), "-o", model, "--seed", `${seed}`, "--calendar", calendar);
    runOddflow("score", at("later.csv"), "-m", model, "-o", at("scored.csv"), "--columns", "keys");
    const scorer = await createScorer(readFileSync(model));
    const text = readFileSync(at("scored.csv"), "utf8");
    for (const budget of BUDGETS) {
      const found = realisedAlarms(text, scorer.thresholds.forBudget(budget), budget);
      results.push({ days, seed, calendar, budget, ...found });
      const { all, byDay, byHour } = found;
      print(
        `  calendar ${calendar.padEnd(5)} budget ${`${100 * budget} %`.padEnd(6)} in all ${times(all)}; ` +
          `a day ${spread(byDay)}; at an hour of the day ${spread(byHour)}`,
      );
    }
    await scorer.close();
  }
}

function spread(ratios: readonly number[]): string {
  const within = ratios.filter((ratio) => ratio >= 0.7 && ratio <= 1.4).length;
  return `${times(Math.min(...ratios))} to ${times(Math.max(...ratios))}, ${within} of ${ratios.length} within 0.7 to 1.4`;
}

function times(ratio: number): string {
  return ratio.toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
