import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { scoreInFirefox } from "./firefox-probe.ts";
import {
  findProgram,
  fixtureBytes,
  largestDifference,
  MODEL,
  nodeScores,
  serveBuilt,
} from "./served-page.ts";

const FIREFOX = findProgram(process.env["ODDFLOW_FIREFOX"], "/usr/bin/firefox-esr");

test.skipIf(FIREFOX === undefined)(
  "Firefox scores the fixture as onnxruntime-node does, writes a rule and shows hosts and incidents (skipped without /usr/bin/firefox-esr or ODDFLOW_FIREFOX)",
  async () => {
    const server = await serveBuilt();
    onTestFinished(() => server.close());
    const scores = await nodeScores(fixtureBytes(), "flows.parquet", readFileSync(MODEL));
    const found = await scoreInFirefox(FIREFOX ?? "", server.url);
    const [header = "", ...lines] = found.csv.trim().split("\n");
    const place = header.split(",").indexOf("score");
    const inPage = lines.map((line) => Number(line.split(",")[place]));
    expect(largestDifference(inPage, scores)).toBeLessThan(1e-5);
    const anomalies = lines.filter((line) => line.split(",")[place + 1] === "true");
    expect(anomalies.length).toBeGreaterThan(0);
    expect(found.alarms).toBe(anomalies.length.toLocaleString("en-US"));
    expect(found.drawings).toBe(5);
    const number = (text: string): number => Number(text.replaceAll(",", ""));
    expect(number(found.hidden)).toBeGreaterThan(0);
    expect(number(found.left)).toBe(anomalies.length - number(found.hidden));
    expect(found.hosts).toMatch(/of [\d,]+ hosts alarm/);
    expect(found.incidents).toContain(`${found.left} alarms are`);
  },
);
