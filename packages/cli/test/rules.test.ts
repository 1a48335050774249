import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTable } from "@oddflow/tables";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundTo, readRules } from "../src/read-rules.ts";
import { RuledScores, tableRulings } from "../src/rules/ruled-scores.ts";
import { constantModel, metadata } from "./constant-model.ts";
import { runHere } from "./in-process.ts";
import { type Finished, FLOWS, MODEL, ROOT, readNdjson, temporaryFolder } from "./run-cli.ts";
import { someFlows } from "./some-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

const rules = (...args: string[]): Promise<Finished> => runHere("oddflow", ["rules", ...args]);

async function done(finished: Promise<Finished>): Promise<string> {
  const { status, stdout, stderr } = await finished;
  // Rules that look at what flows lack are told.
  expect([status, stderr.replace(/^rules {6}vlan matches nothing: the flows lack vlan\n/, "")]).toEqual([
    0,
    "",
  ]);
  return stdout;
}

async function refused(status: number, ...args: string[]): Promise<string> {
  const finished = await rules(...args);
  expect(finished.stderr).toMatch(/^oddflow: [^\n]*\n$/);
  expect(finished.status).toBe(status);
  return finished.stderr;
}

const score = (from: string, out: string, ...args: string[]): Promise<string> =>
  done(runHere("score-batch", [from, "-m", MODEL, "-o", at(out), "--budget", "0.2", ...args]));

const FILES = {
  some: `rules:
  - { id: dns, verdict: benign, match: { destination_port: 53 } }
  - { id: lab, verdict: escalate, host: 192.0.2.16/29 }
  - { id: night, verdict: wrong, during: { from: "22:00", to: "06:00", zone: Europe/Berlin } }
  - { id: old, verdict: wrong, match: { protocol: tcp }, expires: 2020-01-01 }
  - { id: vlan, verdict: benign, match: { vlan: 7 } }
  - { id: lab-again, verdict: benign, host: 192.0.2.16/29 }
`,
  others: "rules: [{ id: tcp, verdict: wrong, match: { protocol: { pattern: t* } } }]",
  none: "rules: []",
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(at(`${name}.yaml`), text);
const file = (name: keyof typeof FILES): string => at(`${name}.yaml`);

await score(await someFlows("row % 20 = 0"), "some.ndjson");
const ZEEK = join(ROOT, "fixtures/sensors/zeek/conn.log");

/** Tables in each form: what is scored, and how its scored one ends. */
const forms = ["ndjson", "csv", "parquet"] as const;
for (const form of forms) await score(at("some.ndjson"), `flows.${form}`);

/** All values of a Parquet table, by column. */
async function valuesOf(path: string): Promise<Map<string, unknown[]>> {
  const table = await openTable(path, { threads: 1 });
  const names = table.columns.map(({ name }) => name);
  const values = new Map(names.map((name): [string, unknown[]] => [name, []]));
  for await (const batch of table.scan([], { values: names })) {
    for (let row = 0; row < batch.rows; row++)
      for (const [k, name] of names.entries()) values.get(name)?.push(batch.value(row, k));
  }
  table.close();
  return values;
}

describe("rules on flows that were scored before", () => {
  test.each(["ndjson", "csv"])(
    "%s: are what scoring with them writes, byte for byte, and can be undone",
    async (form) => {
      await score(at(`flows.${form}`), `plain.${form}`, ...(form === "ndjson" ? ["--reasons"] : []));
      const first = readFileSync(at(`plain.${form}`));
      expect(first.includes("benign")).toBe(false);
      for (const name of ["some", "others"] as const) {
        await score(
          at(`flows.${form}`),
          `by-${name}.${form}`,
          "--rules",
          file(name),
          ...(form === "ndjson" ? ["--reasons"] : []),
        );
      }
      for (const verdict of ["benign", "escalate", "wrong"])
        expect(readFileSync(at(`by-some.${form}`)).includes(verdict), verdict).toBe(true);
      copyFileSync(at(`plain.${form}`), at(`now.${form}`));
      for (const name of ["some", "others", "some", "none"] as const) {
        await rules("apply", at(`now.${form}`), "--rules", file(name), "--in-place");
        const wanted = name === "none" ? first : readFileSync(at(`by-${name}.${form}`));
        expect(readFileSync(at(`now.${form}`)).equals(wanted), name).toBe(true);
      }
    },
  );

  test("Parquet: the same values, and pages of other columns as they were", async () => {
    await score(at("flows.parquet"), "plain.parquet", "--top", "2", "--reasons");
    await score(at("flows.parquet"), "by-some.parquet", "--top", "2", "--reasons", "--rules", file("some"));
    const first = await valuesOf(at("plain.parquet"));
    const wanted = await valuesOf(at("by-some.parquet"));
    copyFileSync(at("plain.parquet"), at("now.parquet"));
    for (const name of ["others", "some", "none"] as const) {
      await rules("apply", at("now.parquet"), "--rules", file(name), "--in-place");
      const now = await valuesOf(at("now.parquet"));
      if (name === "others") continue;
      const values = name === "none" ? first : wanted;
      expect([...now.keys()].sort()).toEqual([...values.keys()].sort());
      for (const [column, own] of values) expect(now.get(column), column).toEqual(own);
    }
  });

  test("Zeek's log stays one", async () => {
    const number = metadata.spec.columns.find(({ kind }) => kind === "number");
    if (number === undefined) throw new Error("no column of numbers");
    const spec = { ...metadata.spec, columns: [{ ...number, name: "id.resp_p" }] };
    writeFileSync(at("zeek.onnx"), constantModel(1, undefined, { ...metadata, spec }));
    const args = [ZEEK, "-m", at("zeek.onnx"), "--threshold", "0.5"];
    await done(runHere("score-batch", [...args, "-o", at("plain.log")]));
    writeFileSync(at("zeek.yaml"), "rules: [{ id: dns, verdict: wrong, match: { proto: [udp, tcp] } }]");
    await done(runHere("score-batch", [...args, "-o", at("by.log"), "--rules", at("zeek.yaml")]));
    await done(rules("apply", at("plain.log"), "--rules", at("zeek.yaml"), "-o", at("now.log")));
    expect(readFileSync(at("now.log"), "utf8")).toBe(readFileSync(at("by.log"), "utf8"));
    expect(readFileSync(at("now.log"), "utf8")).toMatch(/\tF\t[\d.e-]+\tdns\twrong\n/);
    await done(rules("apply", at("now.log"), "--rules", file("none"), "--in-place"));
    expect(readFileSync(at("now.log"), "utf8")).toBe(readFileSync(at("plain.log"), "utf8"));
  });

  test("records keep their bytes wherever the fields of scoring stand", async () => {
    const own = fc.constantFrom(
      '"a": 1.50',
      '"b":[1, {"alarm_rule":2}]',
      '"é\\u0041" :"x,}"',
      '"n":12345678901234567890',
    );
    const scored = fc.record({ is: fc.boolean(), was: fc.constantFrom(undefined, "benign", "escalate") });
    const record = fc
      .tuple(fc.array(own, { maxLength: 3 }), scored, fc.nat(99))
      .map(([fields, { is, was }, seed]) => {
        const isOdd = is || was === "benign";
        const flag = '"is_anomaly" : ';
        const former = was === undefined ? [] : ['"alarm_rule":"r"', `"alarm_verdict": "${was}"`];
        const names = [...new Set(fields)];
        const places = [...names, `${flag}${is && was !== "benign"}`, ...former];
        const order = places
          .map((field, k) => [(seed * (k + 7)) % 11, field] as const)
          .toSorted(([a], [b]) => a - b);
        const wanted = order
          .map(([, field]) => field)
          .filter((field) => !former.includes(field))
          .map((field) => (field.startsWith(flag) ? `${flag}${isOdd}` : field));
        return { text: `{${order.map(([, field]) => field).join(", ")}}`, wanted: `{${wanted.join(", ")}}` };
      });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        writeFileSync(at("records.ndjson"), records.map(({ text }) => `${text}\n`).join(""));
        await done(
          rules("apply", at("records.ndjson"), "--rules", file("none"), "-o", at("restored.ndjson")),
        );
        expect(readFileSync(at("restored.ndjson"), "utf8")).toBe(
          records.map(({ wanted }) => `${wanted}\n`).join(""),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("what does not go is refused, and nothing is written", async () => {
    const apply = (...args: string[]): string[] => ["apply", ...args, "--rules", file("some")];
    expect(await refused(3, ...apply(FLOWS, "-o", at("no.parquet")))).toContain('has no column "is_anomaly"');
    expect(await refused(3, ...apply(at("missing.csv")))).toContain("missing.csv");
    expect(await refused(2, ...apply(at("plain.csv"), "-o", at("no.parquet")))).toContain(
      "keeps its form; end it in .csv",
    );
    expect(await refused(2, ...apply(at("plain.csv"), "-o", at("plain.csv")))).toContain(
      "is the input itself",
    );
    expect(await refused(2, ...apply(at("plain.csv"), "-o", at("x.csv"), "--in-place"))).toContain(
      "mutually exclusive",
    );
    expect(await refused(2, "apply", at("plain.csv"), "--rules", at("missing.yaml"))).toContain(
      "there is no such file",
    );
    expect(() => statSync(at("no.parquet"))).toThrow("ENOENT");
  });
});

describe("rules test", () => {
  test("says what each rule does to the alarms, whatever rules did before", async () => {
    await score(at("flows.ndjson"), "tested.ndjson");
    const flows = readNdjson(at("tested.ndjson"));
    const odd = flows.filter((flow) => flow["is_anomaly"] === true);
    const dns = odd.filter((flow) => flow["destination_port"] === 53);
    const report = JSON.parse(await done(rules("test", file("some"), at("tested.ndjson"), "--json")));
    const [first, lab, , old, vlan, again] = report.rules;
    expect(report).toMatchObject({ flows: flows.length, alarms: odd.length });
    expect(first).toEqual({
      id: "dns",
      verdict: "benign",
      matches: dns.length,
      decides: dns.length,
      hides: dns.length,
      expired: 0,
      lacking: [],
    });
    expect(lab).toMatchObject({ hides: 0, decides: again.matches - (again.matches - lab.decides) });
    expect(old).toMatchObject({
      matches: 0,
      expired: odd.filter((flow) => flow["protocol"] === "tcp").length,
    });
    expect(vlan).toMatchObject({ matches: 0, lacking: ["vlan"] });
    expect(again).toMatchObject({ matches: lab.matches, decides: 0, hides: 0 });
    const hidden = report.rules.reduce((sum: number, { hides }: { hides: number }) => sum + hides, 0);
    expect(report.left).toBe(odd.length - hidden);
    await rules("apply", at("tested.ndjson"), "--rules", file("others"), "--in-place");
    expect(JSON.parse(await done(rules("test", file("some"), at("tested.ndjson"), "--json")))).toEqual(
      report,
    );
    const text = await done(rules("test", file("some"), at("tested.ndjson")));
    expect(text).toContain("note       vlan matches nothing: the flows lack vlan\n");
    expect(text).toContain("note       old has expired\n");
    expect(text).toContain("note       lab-again decides on no alarm");
  });

  test("checks a file by itself", async () => {
    expect(await done(rules("test", file("some")))).toBe(`rules      ${file("some")} has 6 rules\n`);
    writeFileSync(at("bad.yaml"), "rules:\n  - id: a\n    verdict: fine\n    host: 10.0.0.1\n");
    expect(await refused(2, "test", at("bad.yaml"))).toContain('bad.yaml:3:5: rule 1, verdict: "fine" found');
  });
});

test("no rules rule nothing of a training's flows, and do not end it", async () => {
  const table = await openTable(FLOWS);
  const ruled = new RuledScores(2, [0]);
  const flows = { rows: Uint32Array.of(7, 5), scores: Float32Array.of(1, 2) };
  const none = boundTo(await readRules(file("none")), table);
  expect(await tableRulings(table, none, flows, ruled)).toEqual([null, null]);
  table.close();
});
