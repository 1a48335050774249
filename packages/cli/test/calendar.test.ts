import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makePortable, parseDetectorMetadata, type ScoreCalendar, scoreAtHour } from "@oddflow/detector";
import { createScorer } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import { beforeAll, describe, expect, test } from "vitest";
import { command } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";
import { flows, flowsOfWeeks, noise, ok, SMALL, writeRecords } from "./scan-flows.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const table = writeRecords(at("flows.ndjson"), flows);
const weeks = writeRecords(at("weeks.ndjson"), flowsOfWeeks);
const calendarModel = at("calendar.onnx");
let told: string;
let toldOfWeeks: string;

beforeAll(async () => {
  process.setMaxListeners(0);
  told = await ok("train", table, "-o", at("m.onnx"), ...SMALL);
  toldOfWeeks = await ok("train", weeks, "-o", calendarModel, ...SMALL);
});

describe("a table of two weeks", () => {
  test("has its scores held against the hour of the week, which training and inspect say, and --calendar off leaves out", async () => {
    expect(toldOfWeeks).toMatch(/ {2}calendar +scores are held against their hour of the week, UTC\n/);
    const line =
      /Calendar: .*before, one usual flow in a hundred is above [\d.]+ on \w{3} \d\d:00 to [\d.]+ on \w{3} \d\d:00/;
    expect(toldOfWeeks).toMatch(line);
    expect(await ok("inspect", calendarModel)).toMatch(line);
    expect(await ok("recalibrate", calendarModel, weeks, "-o", at("later.onnx"))).toContain(
      "\ncalendar   as it was trained",
    );
    // When flows were recorded is no drift.
    expect(await ok("drift", calendarModel, table, "--limit", "100")).toMatch(
      /context\.calendar\.hour +0\.000 /,
    );
    const portable = {
      inputs: "columns",
      rank: 2,
      budget: 0.01,
      columnErrors: false,
      identifiers: false,
    } as const;
    const { contextColumns: counted, inputs } = makePortable(readFileSync(calendarModel), portable);
    expect([counted.at(-1), inputs.at(-1)?.name]).toEqual(["context.calendar.hour", "context.calendar.hour"]);
    await ok("train", weeks, "-o", at("off.onnx"), ...SMALL, "--calendar", "off");
    const off = parseDetectorMetadata(readModelSummary(readFileSync(at("off.onnx"))));
    expect([off.spec.version, off.training["calendar"]]).toEqual([2, undefined]);
    expect(told).not.toMatch(/calendar/i);
    await ok("train", table, "-o", at("short.onnx"), ...SMALL, "--calendar", "off");
    expect(readFileSync(at("short.onnx")).equals(readFileSync(at("m.onnx")))).toBe(true);
    expect(await command("train", weeks, "--context", "off", "--calendar", "auto")).toMatchObject({
      refused: true,
      said: expect.stringContaining("--calendar is for flows in their context, which is off"),
    });
  });

  test("has the scores that its networks give, stretched by hand for the hour; without an hour they are the networks' own", async () => {
    const held = await createScorer(readFileSync(calendarModel));
    const calendar = held.training["calendar"] as ScoreCalendar;
    const width = held.columns.length;
    const random = Float32Array.from({ length: 400 * width }, (_, k) => 50 * noise(k, 3));
    const at = (row: number): number => row * width + width - 1;
    for (let row = 0; row < 400; row++) random[at(row)] = row % 168;
    const { scores, errors } = await held.score(random, { errors: true });
    const alone = random.slice();
    for (let row = 0; row < 400; row++) alone[at(row)] = Number.NaN;
    const own = await held.score(alone);
    expect([...scores]).toEqual([...own.scores].map((score, row) => scoreAtHour(calendar, score, row % 168)));
    const isZero = (row: number): boolean => errors?.[at(row)] === 0;
    expect(scores.every((_, row) => isZero(row))).toBe(true);
    await held.close();
  });
});
