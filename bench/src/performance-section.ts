import type { ComparedBuild } from "./against/comparison.ts";
import { figureText, limitText, spreadText, verdict, withUnit } from "./format.ts";
import type { Measurement } from "./measurement.ts";
import type { BenchResults } from "./results.ts";

const BEGINNING = /<!-- performance: (\S+) -->\n/;
const END = "<!-- end of performance -->";

/** Cases that README shows; the results file has all. */
const SHOWN: readonly RegExp[] = [
  /^scoring: /,
  /^start: /,
  /^model: (one network|default detector), all threads/,
  /^model: one network, WASM/,
  /^training: (?!side by side)/,
  /^training: side by side, PyTorch/,
  /^encode: /,
  /^service: /,
];

/**
 * README's performance section, made of a results file.
 * @param path the file's, from the repository's root
 */
export function performanceSection(results: BenchResults, path: string): string {
  const { machine, date, versions, against } = results;
  const memory = Math.round(machine.memoryBytes / 2 ** 30);
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const measurements = results.measurements.filter(({ section, name }) =>
    SHOWN.some((shown) => shown.test(`${section}: ${name}`)),
  );
  return [
    `<!-- performance: ${path} -->`,
    `${machine.cpu}, ${machine.cores} cores, ${memory} GB of memory, Node ${machine.node}, ${date}; ${libraries.join(", ")}.`,
    "Ratios are of runs that took turns, medians of the rounds. A verdict in brackets is of a figure that stands there for comparison.",
    "",
    table(
      ["what", "measured", "rounds", "target", ""],
      results.targets.map((target) => [
        target.what,
        withUnit(target.measured.median, target),
        spreadText(target.measured),
        limitText(target),
        verdict(target),
      ]),
    ),
    "",
    table(["case", "median", "lowest to highest", "CPU seconds", "peak memory"], measurements.map(cells)),
    ...(against === undefined ? [] : ["", ...comparisonTable(against)]),
    END,
  ].join("\n");
}

/**
 * Puts a section in the place of the one that a README has.
 * @throws Error when it has none
 */
export function replaceSection(readme: string, section: string): string {
  const { first, end } = findSection(readme);
  return `${readme.slice(0, first)}${section}${readme.slice(end)}`;
}

/**
 * The section that a README has, and the results file that it says it was made of.
 * @throws Error when it has none
 */
export function readSection(readme: string): { readonly section: string; readonly path: string } {
  const { first, end, path } = findSection(readme);
  return { section: readme.slice(first, end), path };
}

function findSection(readme: string): { first: number; end: number; path: string } {
  const beginning = BEGINNING.exec(readme);
  const last = readme.indexOf(END, beginning?.index ?? 0);
  if (beginning?.[1] === undefined || last < 0) {
    throw new Error(`README has no "<!-- performance: FILE -->" with "${END}" after it; put them in`);
  }
  return { first: beginning.index, end: last + END.length, path: beginning[1] };
}

function cells({ name, unit, value, cpuSeconds, peakMemoryBytes }: Measurement): string[] {
  return [
    name,
    `${figureText(value.median)} ${unit}`,
    spreadText(value),
    cpuSeconds === undefined ? "" : cpuSeconds.toFixed(1),
    peakMemoryBytes === undefined ? "" : `${figureText(peakMemoryBytes / 1e6)} MB`,
  ];
}

/** This build beside another, case by case. */
function comparisonTable({ name, commit, comparisons }: ComparedBuild): string[] {
  const other = commit?.slice(0, 7) ?? name;
  return [
    `Beside ${other}, each with detectors of its own training, in turns:`,
    "",
    table(
      ["case", "this build", other, "times as fast", "rounds"],
      comparisons.map(({ name: what, unit, now, before, speed }) => [
        what,
        `${figureText(now.median)} ${unit}`,
        `${figureText(before.median)} ${unit}`,
        figureText(speed.median),
        spreadText(speed),
      ]),
    ),
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
