import { PythonPackages } from "../programs/python-packages.ts";

/** Prometheus' own reader of its text format. */
const PARSER = "prometheus-client==0.26.0";
const PROGRAM = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
print(json.dumps([
  [family.name, family.type, family.documentation, [[sample.name, sample.labels, sample.value] for sample in family.samples]]
  for family in families(sys.stdin.read())
]))`;

/** A number that is told to Prometheus. */
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Reads Prometheus' text format as Prometheus' clients do. */
export class MetricsReader {
  readonly #python: PythonPackages;

  /** @throws Error where the reader cannot be had */
  constructor(cache: string) {
    this.#python = new PythonPackages(cache, [PARSER]);
    this.#python.install();
  }

  /** @throws Error where the text is not in that format */
  read(text: string): MetricFamily[] {
    const found = JSON.parse(this.#python.run(["-c", PROGRAM], text)) as [
      name: string,
      type: string,
      help: string,
      samples: [name: string, labels: Record<string, string>, value: number][],
    ][];
    return found.map(([name, type, help, samples]) => ({
      ...{ name, type, help },
      samples: samples.map(([sample, labels, value]) => ({ name: sample, labels, value })),
    }));
  }
}
