import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { parseRules } from "@oddflow/rules";
import { expect, test, vi } from "vitest";
import { scoreTextFile } from "../src/score-text-file.ts";
import type { FileScoringRequest } from "../src/scoring-request.ts";
import { startWorkers } from "../src/scoring-workers.ts";
import { constantModel, metadata } from "./constant-model.ts";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, ROOT, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

const RULES = `rules:
  - { id: dns, verdict: benign, match: { destination_port: [53, 443] } }
  - { id: lab, verdict: escalate, host: 192.0.2.16/29 }
  - { id: night, verdict: wrong, during: { from: "22:00", to: "06:00", zone: Europe/Berlin } }
  - { id: zeek-dns, verdict: wrong, match: { id.resp_p: [53, 80] } }
  - { id: vlan, verdict: wrong, match: { vlan: 7 } }
`;
writeFileSync(at("rules.yaml"), RULES);

const batch = async (...args: string[]): Promise<void> => {
  const { status, stderr } = await runHere("score-batch", args);
  expect(status, stderr).toBe(0);
};

/** Scores a file of text from its bytes, as a large one is. @returns what was said */
async function scoreText(path: string, out: string, model: string, threshold: number): Promise<string> {
  const said: string[] = [];
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => said.push(String(text)) > 0),
  );
  const scorer = await createScorer(readFileSync(model), { provider: "cpu", threads: 1 });
  const asked = { flows: [path], out, model, threshold: { score: threshold }, threads: 1, oddest: 3, top: 0 };
  try {
    const isScored = await scoreTextFile(asked as unknown as FileScoringRequest, {
      scorer,
      pool: startWorkers(0, undefined),
      rules: parseRules(RULES, "rules.yaml"),
      signal: new AbortController().signal,
    });
    expect(isScored).toBe(true);
  } finally {
    for (const spy of spies) spy.mockRestore();
    await scorer.close();
  }
  return said.join("");
}

await batch(FLOWS, "-m", MODEL, "-o", at("all.csv"));
const quoted = readFileSync(at("all.csv"), "utf8")
  .split("\n")
  .filter((_, k) => k % 40 === 0)
  .map((line) => line.split(",").slice(0, -3).join(","))
  // Every other row has a cell in quotes.
  .map((line, k) => (k % 2 === 0 ? line : line.replace(/,(tcp|udp),/, ',"$1",')));
writeFileSync(at("flows.csv"), `${quoted.filter((line) => line !== "").join("\n")}\n`);
await batch(at("flows.csv"), "-m", MODEL, "-o", at("scored.ndjson"));
writeFileSync(
  at("flows.ndjson"),
  readFileSync(at("scored.ndjson"), "utf8").replace(
    /,"score":[^,}]*,"is_anomaly":[^,}]*,"probability":[^,}]*\}/g,
    "}",
  ),
);
const number = metadata.spec.columns.find(({ kind }) => kind === "number");
const spec = { ...metadata.spec, columns: number ? [{ ...number, name: "id.resp_p" }] : [] };
writeFileSync(at("zeek.onnx"), constantModel(1, undefined, { ...metadata, spec }));
const ZEEK = join(ROOT, "fixtures/sensors/zeek/conn.log");

test.each([
  ["CSV", at("flows.csv"), "csv", MODEL, 5, ["benign", "escalate", "wrong"]],
  ["lines of JSON", at("flows.ndjson"), "ndjson", MODEL, 5, ["benign", "escalate", "wrong"]],
  ["Zeek's log", ZEEK, "log", at("zeek.onnx"), 0.5, ["wrong"]],
] as const)(
  "%s that is scored from its bytes with rules becomes what a table of it does",
  async (_, path, ending, model, threshold, verdicts) => {
    const [own, table] = [at(`own.${ending}`), at(`table.${ending}`)];
    await batch(
      path,
      "-m",
      model,
      "-o",
      table,
      "--rules",
      at("rules.yaml"),
      "--threshold",
      String(threshold),
    );
    const said = await scoreText(path, own, model, threshold);
    const text = readFileSync(own, "utf8");
    for (const verdict of verdicts) expect(text).toContain(verdict);
    expect(text).toBe(readFileSync(table, "utf8"));
    expect(said).toMatch(/^suppressed \d/m);
    expect(said).toContain("rules      vlan matches nothing: the flows lack vlan\n");
  },
);
