/** Prometheus' text format, version 0.0.4, for what a service counts. */

type Labels = Readonly<Record<string, string>>;

/** A number that only grows, for each set of labels. */
export interface Counter {
  add(count: number, labels?: Labels): void;
  readonly values: ReadonlyMap<string, number>;
}

/** How often a number of seconds was at most so large. */
export interface Histogram {
  observe(seconds: number, labels?: Labels): void;
  readonly values: ReadonlyMap<string, { readonly counts: readonly number[]; readonly sum: number }>;
}

/** Upper bounds in seconds, from a health check to a large file. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A counter that has counted nothing yet. */
export function counter(): Counter {
  const values = new Map<string, number>();
  return {
    values,
    add(count, labels = {}) {
      const key = labelText(labels);
      values.set(key, (values.get(key) ?? 0) + count);
    },
  };
}

export function histogram(): Histogram {
  const values = new Map<string, { counts: number[]; sum: number }>();
  return {
    values,
    observe(seconds, labels = {}) {
      const key = labelText(labels);
      const own = values.get(key) ?? { counts: new Array<number>(BOUNDS.length + 1).fill(0), sum: 0 };
      const found = BOUNDS.findIndex((bound) => seconds <= bound);
      const bucket = found < 0 ? BOUNDS.length : found;
      own.counts[bucket] = (own.counts[bucket] as number) + 1;
      own.sum += seconds;
      values.set(key, own);
    },
  };
}

/** A counter as Prometheus reads it: a line for each set of labels that it has been given. */
export function exposeCounter(name: string, help: string, { values }: Counter): string {
  return (
    head(name, help, "counter") + [...values].map(([labels, value]) => line(name, labels, value)).join("")
  );
}

export function exposeGauge(name: string, help: string, value: number, labels: Labels = {}): string {
  return exposeGauges(name, help, [[labels, value]]);
}

/** Numbers that rise and fall, a line for each set of labels. */
export function exposeGauges(
  name: string,
  help: string,
  values: Iterable<readonly [labels: Labels, value: number]>,
): string {
  const lines = Array.from(values, ([labels, value]) => line(name, labelText(labels), value));
  return head(name, help, "gauge") + lines.join("");
}

export function exposeHistogram(name: string, help: string, { values }: Histogram): string {
  const lines = [...values].map(([labels, { counts, sum }]) => {
    let total = 0;
    const buckets = counts.map((count, i) => {
      total += count;
      const bound = `le="${BOUNDS[i] ?? "+Inf"}"`;
      return line(`${name}_bucket`, labels === "" ? bound : `${labels},${bound}`, total);
    });
    return buckets.join("") + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, total);
  });
  return head(name, help, "histogram") + lines.join("");
}

function head(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === "" ? "" : `{${labels}}`} ${value}\n`;
}

function labelText(labels: Labels): string {
  const escaped = (value: string): string =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}
