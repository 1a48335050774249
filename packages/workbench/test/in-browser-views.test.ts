import { readFileSync } from "node:fs";
import { parseRules } from "@oddflow/rules";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  alarmsOn,
  CHROMIUM,
  ChromiumPages,
  give,
  numberIn,
  openSample,
  overflow,
  save,
  violations,
} from "./chromium-page.ts";
import { MODEL } from "./served-page.ts";

describe.skipIf(CHROMIUM === undefined)(
  "views of the sample flows in Chromium (skipped without /usr/bin/chromium or ODDFLOW_CHROMIUM)",
  () => {
    let pages: ChromiumPages;
    let page: Page;
    let complaints: readonly string[];
    beforeAll(async () => {
      pages = await ChromiumPages.start();
      ({ page, complaints } = await pages.openPage());
      await openSample(page);
    });
    afterAll(() => pages?.close());
    afterEach(() => expect(complaints).toEqual([]));

    const view = async (name: string): Promise<void> => {
      await page.getByRole("tab", { name }).click();
      await page.locator(`[data-figure="${name.toLowerCase()}"]`).waitFor();
      await page.setViewportSize({ width: 390, height: 900 });
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
      await page.setViewportSize({ width: 1280, height: 900 });
    };

    test("two clicks from a flow write a rule, which acts at once and is saved as the commands read it", async () => {
      const before = await alarmsOn(page);
      const first = page.locator(".flows tbody tr").first();
      await first.getByRole("button", { name: "Rule from row" }).click();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Add this rule" }).click();
      const figure = page.locator('[data-figure="hidden"]');
      const hidden = numberIn(await figure.textContent());
      expect(hidden).toBeGreaterThan(0);
      await expect.poll(() => alarmsOn(page)).toBe(before - hidden);
      await first.getByText("benign", { exact: true }).waitFor();

      await view("Rules");
      const cells = await page.locator(".rules tbody td.number").allTextContents();
      expect(cells.map(numberIn)).toEqual([hidden, hidden, hidden]);
      const text = (await save(page, "Save rules.yaml")).bytes.toString();
      expect(parseRules(text, "rules.yaml").rules).toMatchObject([{ verdict: "benign" }]);
      await give(page, "Open a rules.yaml", "x.yaml", "rules: 3");
      await page.getByRole("alert").getByText("x.yaml:1:1").waitFor();
      await page.getByRole("tab", { name: "Flows" }).click();
      await first.getByRole("button", { name: "Rule from row" }).click();
      await page.getByRole("button", { name: "Add this rule" }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      await page.getByRole("tab", { name: "Rules" }).click();
      await give(page, "Open a rules.yaml", "x.yaml", text.replace("benign\n", "escalate\n"));
      await page.getByText(`${before.toLocaleString("en-US")} of`).waitFor();
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByText("There are no rules.").waitFor();
      await page.getByRole("button", { name: "Use no rules" }).click();
      await page.keyboard.press("Tab");
      await page.getByRole("tab", { name: "Flows" }).click();
      expect(await alarmsOn(page)).toBe(before);
    });

    test("hosts, incidents and a second model: what is shown leads to the flows", async () => {
      await view("Hosts");
      const host = page.locator(".hosts tbody tr").first();
      const flows = numberIn(await host.locator("td.number").nth(1).textContent());
      await host.getByRole("button").click();
      await page.getByText(`${flows.toLocaleString("en-US")} of 24,000 flows pass.`).waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("flows-title");

      await page.getByRole("tab", { name: "Flows" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await view("Incidents");
      const its = page.locator(".incidents li").first().getByRole("button");
      const [own = 0, others = 0] =
        (await its.textContent())
          ?.split(":")[0]
          ?.match(/\d+(?= (flows|of other))/g)
          ?.map(Number) ?? [];
      await its.click();
      await expect.poll(() => alarmsOn(page)).toBe(own + others);

      await page.getByRole("tab", { name: "Comparison" }).click();
      await give(page, "Open a second model", "same.onnx", readFileSync(MODEL));
      await page.getByText("Rank correlation").waitFor();
      expect(await page.locator(".key-figures b").allTextContents()).toEqual([
        "100\u00a0%",
        "100\u00a0%",
        "1.0000",
      ]);
      expect(await violations(page)).toEqual([]);
      await give(page, "Open a second model", "none.onnx", "no model");
      await page.getByRole("alert").getByText("none.onnx").waitFor();
      await page.getByText("Rank correlation").waitFor();
    });
  },
);
