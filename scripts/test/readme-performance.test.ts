import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { performanceSection, readSection, replaceSection } from "../../bench/src/performance-section.ts";
import type { BenchResults } from "../../bench/src/results.ts";

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const SPREAD = { median: 1234.5, lowest: 0.5, highest: 2_000_000 };
const RESULTS: BenchResults = {
  date: "2026-01-02",
  seconds: 1,
  machine: { cpu: "Some CPU", cores: 2, memoryBytes: 2 ** 34, node: "20.0.0" },
  versions: { torch: "9.9" },
  data: "made up",
  measurements: [
    {
      section: "scoring",
      name: "a command",
      unit: "flows/s",
      value: SPREAD,
      samples: 3,
      flows: 10,
      cpuSeconds: 2.04,
      peakMemoryBytes: 512e6,
    },
    { section: "metrics", name: "not shown", unit: "flows/s", value: SPREAD, samples: 3, flows: 10 },
  ],
  targets: [
    {
      figure: "peakMemory",
      what: "memory",
      relation: "at most",
      limit: 600,
      unit: "MB",
      isHeld: true,
      measured: SPREAD,
      isMet: false,
    },
    {
      figure: "peerSpeedByDefault",
      what: "speed",
      relation: "at least",
      limit: 4,
      unit: "times",
      isHeld: false,
      measured: SPREAD,
      isMet: true,
    },
  ],
  skipped: [],
};

const RESULTS_FOLDER = fromRoot("bench/results");

/** Whether a run of the whole bench is committed; from then on README must show one. */
const isMeasured = (existsSync(RESULTS_FOLDER) ? readdirSync(RESULTS_FOLDER) : []).some((name) => {
  const results = JSON.parse(readFileSync(`${RESULTS_FOLDER}/${name}`, "utf8")) as Partial<BenchResults>;
  return results.measurements !== undefined && results.only === undefined;
});

describe("README's performance section", () => {
  it.skipIf(!isMeasured)("is what the results file that it names says", () => {
    const { section, path } = readSection(readFileSync(fromRoot("README.md"), "utf8"));
    const results = JSON.parse(readFileSync(fromRoot(path), "utf8")) as BenchResults;
    expect(results.only).toBeUndefined();
    expect(section).toBe(performanceSection(results, path));
  });

  it("has a row a target, with its verdict, and a row for each case that is shown", () => {
    const section = performanceSection(RESULTS, "results.json");
    expect(section).toContain("| memory | 1,235 MB | 0.5 to 2,000,000 | at most 600 MB | missed |");
    expect(section).toContain("| speed | 1,235 times | 0.5 to 2,000,000 | at least 4 times | (met) |");
    expect(section).toContain("| a command | 1,235 flows/s | 0.5 to 2,000,000 | 2.0 | 512 MB |");
    expect(section).not.toContain("not shown");
    expect(section).toContain("Some CPU, 2 cores, 16 GB of memory, Node 20.0.0, 2026-01-02; torch 9.9.");
  });

  it("takes the place of the old one and of nothing else", () => {
    const section = performanceSection(RESULTS, "new.json");
    const readme = (own: string): string => `# Title\n\n${own}\n\n## After\n`;
    const old = performanceSection({ ...RESULTS, measurements: [] }, "old.json");
    expect(readSection(readme(old))).toEqual({ section: old, path: "old.json" });
    expect(replaceSection(readme(old), section)).toBe(readme(section));
  });

  it.each(["# Title\n", "<!-- performance: a.json -->\nno end\n", "<!-- end of performance -->\n"])(
    "is not put where there is no place for it: %j",
    (readme) => {
      expect(() => replaceSection(readme, "section")).toThrow(/put them in/);
    },
  );
});
