/**
 * Holds what `oddflow incidents --format` writes, of scored flows and of made ones with nasty names, to what is published: Elastic's lists of fields,
 * the JSON Schema of OCSF's versions, and readers of syslog and CEF that others wrote. Exits with 1 where something is wrong. Where the validators cannot
 * be had, it says so and does nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NpmPackages } from "../programs/npm-packages.ts";
import { PythonPackages } from "../programs/python-packages.ts";
import { runProgram } from "../programs/run-program.ts";
import { type EcsFields, ecsFaults } from "./ecs-fields.ts";
import { madeFlows } from "./made-flows.ts";

/** As Elastic publishes them: the version that is written, and a later one. */
const ECS = { "ecs-8": "8.11.5", "ecs-9": "9.4.0" } as const;

/** The version that is written, one that data lakes take, and later ones. */
const OCSF = ["1.1.0", "1.3.0", "1.5.0", "1.8.0"];

const SEED = 1;
const MADE_FLOWS = 600;

// The compiled script lies in scripts/dist/incidents.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "oddflow", "incidents");
const elastic = new NpmPackages(
  cache,
  Object.entries(ECS).map(([name, version]) => `${name}@npm:@elastic/ecs@${version}`),
);
const python = new PythonPackages(cache, ["ocsf-json-schema==1.2.0", "jc==1.25.6", "jsonschema==4.26.0"]);
const program = join(root, "packages", "cli", "bin", "oddflow.js");
const checker = join(root, "scripts", "incidents", "check_events.py");

const missing = prepare();
if (missing !== undefined) console.log(`incidents: SKIPPED, what holds them cannot be had here: ${missing}`);
else if (check() > 0) process.exitCode = 1;

/** What cannot be had; undefined where all is there. */
function prepare(): string | undefined {
  try {
    elastic.install();
    python.install();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1);
  }
}

/** How many faults there are. */
function check(): number {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "oddflow-incidents-"));
  let faults = 0;
  let incidents = 0;
  const holds = (what: string, found: readonly string[]): void => {
    faults += found.length;
    for (const fault of found.slice(0, 5)) console.log(`  FAULT   ${what}: ${fault}`);
  };
  try {
    for (const flows of [scoredFlows(folder), writeMade(folder)]) {
      const at = (format: string): string => {
        const out = join(folder, `events.${format}`);
        oddflow("incidents", flows, "--context-by", "net", "--format", format, "-o", out);
        return out;
      };
      const [own, ecs, ocsf, syslog] = [at("json"), at("ecs"), at("ocsf"), at("syslog")];
      incidents += linesOf(own).length;
      for (const name of Object.keys(ECS))
        holds(
          name,
          linesOf(ecs).flatMap((line) => ecsFaults(fieldsOf(name), JSON.parse(line))),
        );
      holds("OCSF", told("ocsf", ocsf, ...OCSF));
      holds("CEF in syslog", told("cef", syslog, own));
      holds("the checks themselves", unseenDamage({ folder, own, ecs, ocsf, syslog }));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const versions = `ECS ${Object.values(ECS).join(" and ")}, OCSF ${OCSF.join(", ")}, CEF in syslog`;
  console.log(
    `incidents: ${faults === 0 ? `${incidents} are well in ${versions}` : `${faults} faults`}, ${seconds} s`,
  );
  return faults;
}

interface Written {
  readonly folder: string;
  readonly own: string;
  readonly ecs: string;
  readonly ocsf: string;
  readonly syslog: string;
}

/** Damage to the first line of each form that no check saw. */
function unseenDamage({ folder, own, ecs, ocsf, syslog }: Written): string[] {
  const damaged = (path: string, from: string, to: string): string => {
    const [first = "", ...rest] = linesOf(path);
    if (!first.includes(from)) throw new Error(`expected ${from} in ${first}`);
    const out = join(folder, "damaged");
    writeFileSync(out, `${[first.replace(from, to), ...rest].join("\n")}\n`);
    return out;
  };
  const [line = ""] = linesOf(damaged(ecs, '"kind":"alert"', '"kind":"odd"'));
  const seen = {
    "ECS kind": ecsFaults(fieldsOf("ecs-8"), JSON.parse(line)),
    "OCSF class": told("ocsf", damaged(ocsf, '"class_uid":2004', '"class":2004'), "1.5.0"),
    "CEF severity": told("cef", damaged(syslog, "|odd-flows|", "|odd|flows|"), own),
  };
  return Object.entries(seen).flatMap(([what, found]) =>
    found.length > 0 ? [] : [`${what} was not missed`],
  );
}

/** A table of the fixture's flows, scored, with rules that escalate some. */
function scoredFlows(folder: string): string {
  const rules = join(folder, "rules.json");
  const mail = { id: "mail", verdict: "escalate", match: { service: "smtp" } };
  writeFileSync(rules, JSON.stringify({ rules: [mail] }));
  const all = join(folder, "scored.ndjson");
  const how = ["--top", "3", "--budget", "0.001", "--rules", rules];
  oddflow("score", join(root, "fixtures", "flows.parquet"), ...how, "-o", all);
  const lines = linesOf(all).map((line) => JSON.stringify({ ...JSON.parse(line), net: "fixture" }));
  writeFileSync(all, `${lines.join("\n")}\n`);
  return all;
}

function writeMade(folder: string): string {
  const path = join(folder, "made.ndjson");
  writeFileSync(path, madeFlows(SEED, MADE_FLOWS));
  return path;
}

function fieldsOf(name: string): EcsFields {
  return (elastic.load(name) as { readonly EcsFlat: EcsFields }).EcsFlat;
}

function told(...parameters: readonly string[]): string[] {
  return python
    .run([checker, ...parameters])
    .split("\n")
    .filter((line) => line !== "");
}

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

function oddflow(...parameters: readonly string[]): void {
  runProgram(process.execPath, [program, ...parameters], root);
}
