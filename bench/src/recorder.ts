import { formatMeasurement, MEASUREMENT_HEADER } from "./format.ts";
import { fromRoot } from "./inputs.ts";
import type { Measurement } from "./measurement.ts";
import type { Figures } from "./targets.ts";

/** Keeps what the sections of the bench measure, and prints it as it comes. */
export class Recorder {
  readonly measurements: Measurement[] = [];
  readonly skipped: { readonly name: string; readonly why: string }[] = [];
  readonly versions: Record<string, string> = {};
  readonly figures: Figures = {};

  title(text: string): void {
    process.stdout.write(`\n${text}\n${MEASUREMENT_HEADER}\n`);
  }

  add(measurement: Measurement): void {
    this.measurements.push(measurement);
    process.stdout.write(`${formatMeasurement(measurement)}\n`);
  }

  /** @param why may name files below the repository's root, which says nothing on another machine and is left out */
  skip(name: string, why: string): void {
    const reason = why.replaceAll(fromRoot(""), "").trim();
    this.skipped.push({ name, why: reason });
    process.stdout.write(`skipped: ${name}: ${reason}\n`);
  }
}
