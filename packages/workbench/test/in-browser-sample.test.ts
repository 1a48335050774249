import { readFileSync } from "node:fs";
import { createScorer } from "@oddflow/inference/node";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  alarmsOn,
  CHROMIUM,
  ChromiumPages,
  openSample,
  overflow,
  save,
  violations,
} from "./chromium-page.ts";
import { fixtureBytes, largestDifference, MODEL, nodeScores } from "./served-page.ts";

describe.skipIf(CHROMIUM === undefined)(
  "the sample flows in Chromium (skipped without /usr/bin/chromium or ODDFLOW_CHROMIUM)",
  () => {
    let pages: ChromiumPages;
    let page: Page;
    let complaints: readonly string[];
    /** By onnxruntime-node. */
    let scores: Float32Array;
    let threshold: number;
    beforeAll(async () => {
      pages = await ChromiumPages.start();
      scores = await nodeScores(fixtureBytes(), "flows.parquet", readFileSync(MODEL));
      const scorer = await createScorer(MODEL, { provider: "cpu" });
      threshold = scorer.thresholds.forBudget(0.01);
      await scorer.close();
      ({ page, complaints } = await pages.openPage());
      await openSample(page);
    });
    afterAll(() => pages?.close());
    afterEach(() => expect(complaints).toEqual([]));

    const countFrom = (from: number): number => scores.filter((score) => score >= from).length;

    test("scores the fixture as onnxruntime-node does, in a worker, and exports it", async () => {
      expect(page.workers().length).toBeGreaterThan(0);
      expect(await alarmsOn(page)).toBe(countFrom(threshold));

      const csv = await save(page);
      expect(csv.name).toBe("sample-flows.scored.csv");
      const [header = "", ...lines] = csv.bytes.toString().trim().split("\n");
      const names = header.split(",");
      expect(names.slice(-4)).toEqual(["score", "is_anomaly", "probability", "top_columns"]);
      const place = names.indexOf("score");
      const rows = lines.map((line) => line.split(","));
      expect(rows.map((cells) => cells[0])).toEqual(Array.from({ length: 24_000 }, (_, row) => String(row)));
      expect(
        largestDifference(
          rows.map((cells) => Number(cells[place])),
          scores,
        ),
      ).toBeLessThan(1e-5);
      expect(rows.filter((cells) => cells[place + 1] === "true")).toHaveLength(countFrom(threshold));

      await page.getByRole("combobox", { name: "Format" }).selectOption("parquet");
      const { bytes } = await save(page);
      const file = new Uint8Array(bytes).buffer;
      const records = await parquetReadObjects({ file, compressors });
      expect(
        largestDifference(
          records.map((record) => Number(record["score"])),
          scores,
        ),
      ).toBeLessThan(1e-5);
      const source = await parquetReadObjects({ file: fixtureBytes().buffer, compressors, rowEnd: 50 });
      expect(
        records.slice(0, 50).map(({ score, is_anomaly, probability, top_columns, ...kept }) => kept),
      ).toEqual(source);
    });

    test("the threshold moves by keys, by dragging, as a number and by budget, and the count follows", async () => {
      const slider = page.getByRole("slider", { name: "Threshold" });
      const number = page.getByRole("spinbutton", { name: "Threshold" });
      const shown = async (): Promise<number> => Number(await number.inputValue());
      const before = await alarmsOn(page);

      await slider.focus();
      for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
      const byKeys = await alarmsOn(page);
      expect(byKeys).toBeLessThan(before);
      expect(byKeys).toBe(countFrom(await shown()));
      expect(await slider.getAttribute("aria-valuetext")).toContain(
        `${byKeys.toLocaleString("en-US")} alarms`,
      );

      const box = await page.locator(".threshold-surface").boundingBox();
      if (box === null) throw new Error("there is no chart");
      const line = await page.locator(".threshold-line").boundingBox();
      await page.mouse.move(line?.x ?? 0, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.85, box.y + 60, { steps: 5 });
      await page.mouse.up();
      const byPointer = await alarmsOn(page);
      expect(byPointer).toBeLessThan(byKeys);
      expect(byPointer).toBe(countFrom(await shown()));

      await number.fill("9");
      await number.press("Enter");
      expect(await alarmsOn(page)).toBe(countFrom(9));

      await page.getByRole("combobox", { name: "Alert budget" }).selectOption("0.1\u00a0% of usual flows");
      const scorer = await createScorer(MODEL, { provider: "cpu" });
      expect(await alarmsOn(page)).toBe(countFrom(scorer.thresholds.forBudget(0.001)));
      await page.getByRole("combobox", { name: "Alert budget" }).selectOption("so many alarms a day");
      await page.getByRole("spinbutton", { name: "Alarms a day" }).fill("10");
      await page.getByRole("spinbutton", { name: "Alarms a day" }).press("Enter");
      const share = 10 / (24_000 / 2);
      expect(Math.abs((await shown()) - scorer.thresholds.forBudget(share))).toBeLessThan(0.05);
      await scorer.close();
      await page.getByRole("combobox", { name: "Alert budget" }).selectOption("the oddest 1\u00a0%");
      expect(await alarmsOn(page)).toBe(240);
      await page.getByRole("combobox", { name: "Alert budget" }).selectOption("1\u00a0% of usual flows");
    });

    test("tells attacks from normal flows, which are named as --normal names them", async () => {
      const figures = page.locator('[data-figure="labels"]');
      const labels = page.locator("table.labels tbody tr");
      const normals = page.getByLabel("Labels that are no attacks");
      const kinds = async (): Promise<string[]> => labels.locator(".kind").allTextContents();
      // The area under the curve comes a moment later.
      await figures.getByText(/ROC-AUC \d/).waitFor();
      const ownFigures = (await figures.textContent()) ?? "";
      expect(ownFigures).toMatch(
        /^[\d.]+\s% of 2,880 attacks and [\d.]+\s% of 21,120 normal flows raise an alarm; ROC-AUC 0\.\d{4}\.$/,
      );
      expect((await kinds()).filter((kind) => kind === "normal")).toHaveLength(1);
      await normals.fill("normal, DO*");
      await normals.press("Enter");
      await figures.getByText("of 2,362 attacks").waitFor();
      expect((await kinds()).filter((kind) => kind === "normal")).toHaveLength(2);
      await normals.fill("nothing like it");
      await normals.press("Enter");
      await figures.getByText(/call every one of these flows an attack .* such as normal\./).waitFor();
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [390, 1280]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await violations(page)).toEqual([]);
          expect(await overflow(page)).toBe(0);
        }
      }
      await normals.fill("");
      await normals.press("Enter");
      await figures.getByText(/of 2,880 attacks .* ROC-AUC \d/).waitFor();
      expect(await figures.textContent()).toBe(ownFigures);
    });

    test("filters and a stretch of time narrow everything", async () => {
      await page.getByRole("combobox", { name: "Column" }).selectOption("attack_label");
      await page.getByLabel("Value").fill("dos");
      await page.getByRole("button", { name: "Add filter" }).click();
      await page.getByText("518 of 24,000 flows pass.").waitFor();
      const labels = page.locator("table.labels tbody tr");
      expect(await labels.count()).toBe(1);
      expect(await labels.first().textContent()).toContain("dosattack518");

      await page.getByRole("combobox", { name: "Column" }).selectOption("score");
      await page.getByLabel("Value").fill("12");
      await page.getByRole("button", { name: "Add filter" }).click();
      await page.getByText(/^\d\d? of 24,000 flows pass\.$/).waitFor();
      await page.getByRole("button", { name: "Remove the filter score is at least 12" }).click();
      await page.getByText("518 of 24,000 flows pass.").waitFor();
      await page.getByRole("button", { name: "Remove the filter attack_label is dos" }).click();
      await page.getByText("All 24,000 flows are shown.").waitFor();

      const chart = await page.locator(".time-surface").boundingBox();
      if (chart === null) throw new Error("there is no timeline");
      await page.mouse.move(chart.x + chart.width * 0.3, chart.y + 50);
      await page.mouse.down();
      await page.mouse.move(chart.x + chart.width * 0.5, chart.y + 50, { steps: 4 });
      await page.mouse.up();
      await page.getByText(/[\d,]+ of 24,000 flows pass\./).waitFor();
      const from = await page.getByLabel("From (UTC)").inputValue();
      expect(from).toMatch(/^2025-03-0\dT\d\d:00/);
      await page.getByRole("combobox", { name: "Rows" }).selectOption("listed");
      await page.getByRole("combobox", { name: "Format" }).selectOption("ndjson");
      const { bytes } = await save(page);
      const records = bytes
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, number>);
      expect(
        await page.getByText(`${records.length.toLocaleString("en-US")} of 24,000 flows pass.`).count(),
      ).toBe(1);
      const start = Date.parse(`${from}Z`) / 1000;
      expect(records.every((record) => (record["stime"] ?? 0) >= start)).toBe(true);
      await page.getByRole("button", { name: "All times" }).click();
      await page.getByText("All 24,000 flows are shown.").waitFor();
    });
  },
);
