import { formatMeasurement, MEASUREMENT_HEADER } from "./format.ts";
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

  skip(name: string, why: string): void {
    this.skipped.push({ name, why });
    process.stdout.write(`skipped: ${name}: ${why}\n`);
  }
}
