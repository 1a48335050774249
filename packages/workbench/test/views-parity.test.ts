import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LEAST_PROBABILITY, scoreHosts } from "@oddflow/detector";
import { findHostColumns, HOST_ENTITIES } from "@oddflow/flow-sources";
import { alarmReader, type Incident, IncidentStream } from "@oddflow/incidents";
import { bindRules, parseRules, RecordRules } from "@oddflow/rules";
import { applyRulings, openTable, readAlarmRows, readHostWindows } from "@oddflow/tables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filterRows } from "../src/choosing/column-filter.ts";
import type { ExportFormat } from "../src/exporting/export-name.ts";
import { exportTable } from "../src/exporting/export-table.ts";
import { countHostWindows } from "../src/hosts/host-windows.ts";
import { scoreTableHosts } from "../src/hosts/shown-hosts.ts";
import { findIncidents } from "../src/incidents/table-incidents.ts";
import type { JudgedFlows } from "../src/scoring/judged-flows.ts";
import { judge, madeFlows, madeRules, RULES } from "./made-flows.ts";

const ROWS = 1200;
const THRESHOLD = 7;

const folder = mkdtempSync(join(tmpdir(), "oddflow-views-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

let plain: JudgedFlows;
let ruled: JudgedFlows;
beforeAll(async () => {
  const table = await madeFlows(ROWS);
  plain = judge(table, THRESHOLD);
  ruled = judge(table, THRESHOLD, madeRules(table));
  writeFileSync(at("ruled.parquet"), await saved(ruled, "parquet"));
});

async function saved(judged: JudgedFlows, format: ExportFormat): Promise<Uint8Array> {
  const blob = await exportTable(judged, { format }, async () => undefined);
  return new Uint8Array(await blob.arrayBuffer());
}

describe("what the commands make of the page's export is what the page shows", () => {
  test.each(["csv", "ndjson", "parquet"] as const)(
    "`rules apply` on an export as %s without rules gives the one with rules",
    async (format) => {
      const rules = parseRules(RULES, "rules.yaml");
      const records = new RecordRules(rules);
      writeFileSync(at(`plain.${format}`), await saved(plain, format));
      const counts = await applyRulings(at(`plain.${format}`), {
        out: at(`out.${format}`),
        inPlace: false,
        hasRules: true,
        rules: {
          bind: (columns) => bindRules(rules, columns),
          ruling: (record) => records.ruling(record),
        },
      });
      expect(counts.alarms).toBeGreaterThan(0);
      expect(counts.suppressed.size).toBe(2);
      expect(counts.escalated.size).toBe(1);
      const own = await saved(ruled, format);
      if (format !== "parquet") {
        expect(readFileSync(at(`out.${format}`), "utf8")).toBe(new TextDecoder().decode(own));
        return;
      }
      const said = ["is_anomaly", "alarm_rule", "alarm_verdict"];
      expect(await valuesOf(at("out.parquet"), said)).toEqual(await valuesOf(at("ruled.parquet"), said));
    },
  );

  test.each(HOST_ENTITIES)("hosts by %s: the same windows, scores and alarms", async (entity) => {
    const table = await openTable(at("ruled.parquet"));
    try {
      const names = table.columns.map(({ name }) => name);
      for (const seconds of [600, 3600, 86_400]) {
        const found = await readHostWindows(table, {
          entity: findHostColumns(names, entity) ?? [],
          network: undefined,
          time: (await table.timeColumn()) ?? "",
          seconds,
          leastProbability: LEAST_PROBABILITY,
        });
        const counted = countHostWindows(ruled, { entity, seconds });
        if (typeof counted === "string") throw new Error(counted);
        expect(counted.leftOut).toBe(found.leftOut);
        const shown = found.windows.map(({ rarest, topColumns, ...window }) => ({
          ...window,
          topColumns: topColumns ?? "",
        }));
        expect(counted.windows.map(({ row, ...window }) => window)).toEqual(shown);
        const scored = scoreHosts(found.windows, {
          usual: undefined,
          knowsHosts: false,
          budget: { alarms: 5, seconds: 86_400 },
          windowSeconds: seconds,
        });
        const onPage = scoreTableHosts(ruled, { entity, seconds, alarmsADay: 5 });
        const alarms = scored.hosts.filter(({ isAnomaly }) => isAnomaly);
        if (typeof onPage === "string") throw new Error(onPage);
        for (const { filters, start, flows } of onPage.oddest) {
          const passes = filterRows(ruled.table, ruled.scores, filters);
          const isIn = (time: number): boolean => time >= start && time < start + seconds;
          const own = passes.filter((passed, row) => passed === 1 && isIn(ruled.times?.seconds[row] ?? 0));
          expect(own).toHaveLength(flows);
        }
        expect(onPage).toMatchObject({ threshold: scored.threshold, alarms: alarms.length });
      }
    } finally {
      table.close();
    }
  });

  test.each(HOST_ENTITIES)("incidents by %s are the same", async (entity) => {
    const table = await openTable(at("ruled.parquet"));
    try {
      const names = table.columns.map(({ name }) => name);
      const time = (await table.timeColumn()) ?? "";
      const reader = alarmReader(names, { entity, time });
      const stream = new IncidentStream();
      const rows = readAlarmRows(table, {
        time,
        values: reader.columns,
        signal: new AbortController().signal,
      });
      for await (const { rows: count, place, value } of rows) {
        for (let row = 0; row < count; row++) {
          const { alarm } = reader.read((own) => value(row, own), place(row));
          if (alarm !== undefined) stream.add(alarm);
        }
      }
      const found = stream.end();
      const onPage = findIncidents(ruled, entity);
      if (typeof onPage === "string") throw new Error(onPage);
      expect(onPage.incidents).toBe(found.length);
      expect(found.length).toBeGreaterThan(20);
      const severities = onPage.worst.map(({ severity }) => severity);
      expect(severities).toEqual(severities.toSorted((one, other) => other - one));
      const known = new Map(found.map((incident): [string, Incident] => [incident.id, incident]));
      for (const { filters, others, ...incident } of onPage.worst) {
        expect(incident).toEqual(known.get(incident.id));
        expect(filters).toHaveLength(entity === "pair" ? 2 : 1);
        expect(others).toBeGreaterThanOrEqual(0);
      }
    } finally {
      table.close();
    }
  });
});

async function valuesOf(path: string, names: readonly string[]): Promise<unknown[]> {
  const table = await openTable(path);
  try {
    const found: unknown[] = [];
    for await (const { rows, value } of table.scan([], { values: names }))
      for (let row = 0; row < rows; row++) found.push(names.map((_, place) => value(row, place)));
    return found;
  } finally {
    table.close();
  }
}
