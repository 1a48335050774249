import type { Browser, Page } from "playwright-core";
import { type Frames, watchFrames } from "./frames.ts";

/** What somebody did with the page. */
export interface Phase extends Frames {
  readonly name: string;
  /** From the first press to the last answer. */
  readonly ms: number;
}

/** A frame or two after an answer is there, it can be seen. */
const SETTLE_MS = 300;

/** A million flows on a busy machine. */
const PATIENCE_MS = 900_000;

/** What is opened in the page. */
export interface OpenedFiles {
  readonly flows: string;
  /** The second model that the same flows are scored with. */
  readonly secondModel: string;
}

/** Opens a file and does with its flows what the page offers, phase by phase. */
export async function walkThrough(
  browser: Browser,
  page: Page,
  { flows, secondModel }: OpenedFiles,
  onPhase: (phase: Phase) => void,
): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  const measure = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    let ms = Number.NaN;
    const frames = await watchFrames(browser, page, async () => {
      const began = performance.now();
      await act();
      ms = performance.now() - began;
      await page.waitForTimeout(SETTLE_MS);
    });
    onPhase({ name, ms, ...frames });
  };
  const settled = (): Promise<void> =>
    page.locator('[aria-label="Table of flows"][aria-busy="false"]').waitFor();
  await measure("open, to the result", async () => {
    await page.getByLabel("Open a file").setInputFiles(flows);
    await page.locator(".key-figures, [role=alert]").first().waitFor();
    const alert = page.getByRole("alert");
    if ((await alert.count()) > 0) throw new Error(`the page says: ${await alert.textContent()}`);
    await page.locator(".flows tbody tr").first().waitFor();
  });
  await measure("threshold dragged", () => dragThreshold(page));
  await measure("threshold by keys", async () => {
    await page.getByRole("slider", { name: "Threshold" }).focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press(i < 15 ? "ArrowLeft" : "ArrowRight");
  });
  await measure("budget chosen", async () => {
    const budget = page.getByRole("combobox", { name: "Alert budget" });
    for (const share of ["oddest 0.1", "oddest 0.001", "share 0.1", "share 0.01"])
      await budget.selectOption(share);
    await settled();
  });
  const passing = page.getByText(/[\d,]+ of [\d,]+ flows pass\./);
  await measure("filtered", async () => {
    await page.getByRole("combobox", { name: "Column" }).selectOption("score");
    await page.getByLabel("Value").fill("0.5");
    await page.getByRole("button", { name: "Add filter" }).click();
    await passing.waitFor();
    await settled();
  });
  await measure("filter removed", async () => {
    await page.getByRole("button", { name: /^Remove the filter/ }).click();
    await page.getByText(/^All [\d,]+ flows are shown\./).waitFor();
    await settled();
  });
  await measure("time chosen", () => chooseTime(page));
  await measure("paged and scrolled", async () => {
    for (let i = 0; i < 5; i++) {
      await page.getByRole("button", { name: "Less odd" }).click();
      await settled();
    }
    for (let i = 0; i < 20; i++) await page.mouse.wheel(0, i < 10 ? 300 : -300);
  });
  await measure("details opened", async () => {
    await page
      .getByRole("button", { name: /^Why\?/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "What made it odd" }).waitFor();
  });
  await measure("a rule written", async () => {
    await page
      .getByRole("button", { name: /^Rule from row/ })
      .first()
      .click();
    await page.getByRole("button", { name: "Add this rule" }).click();
    await page.locator('[data-figure="hidden"]').waitFor();
    await settled();
  });
  const show = async (name: string): Promise<void> => {
    await page.getByRole("tab", { name }).click();
    const view = page.locator(`section[aria-labelledby="${name.toLowerCase()}-title"][aria-busy="false"]`);
    await view.or(page.locator('[data-figure="rules"]')).waitFor();
  };
  await measure("rules shown, removed", async () => {
    await show("Rules");
    await page.getByRole("button", { name: "Use no rules" }).click();
    await page.getByRole("button", { name: "Use no rules" }).waitFor({ state: "detached" });
  });
  await measure("hosts shown", () => show("Hosts"));
  await measure("incidents shown", () => show("Incidents"));
  await measure("second model compared", async () => {
    await page.getByRole("tab", { name: "Comparison" }).click();
    await page.getByLabel("Open a second model").setInputFiles(secondModel);
    await page.getByText("Rank correlation").waitFor();
  });
  await measure("flows shown again", async () => {
    await page.getByRole("tab", { name: "Flows" }).click();
    await settled();
  });
  for (const format of ["csv", "ndjson", "parquet"]) {
    await page.getByRole("combobox", { name: "Format" }).selectOption(format);
    await measure(`saved as ${format}`, async () => {
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save the scored table" }).click();
      // The page is used meanwhile.
      await dragThreshold(page);
      await (await saved).failure();
    });
  }
}

async function dragThreshold(page: Page): Promise<void> {
  const surface = page.locator(".threshold-surface");
  await surface.scrollIntoViewIfNeeded();
  const box = await surface.boundingBox();
  if (box === null) throw new Error("there is no chart to drag on");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.1 * box.width, y, { steps: 30 });
  await page.mouse.move(box.x + 0.9 * box.width, y, { steps: 30 });
  await page.mouse.up();
}

/** A fifth of all time, and all of it again; nothing where there are no times. */
async function chooseTime(page: Page): Promise<void> {
  const surface = page.locator(".time-surface");
  if ((await surface.count()) === 0) return;
  await surface.scrollIntoViewIfNeeded();
  const box = await surface.boundingBox();
  if (box === null) throw new Error("there is no timeline");
  await page.mouse.move(box.x + 0.4 * box.width, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.6 * box.width, box.y + 50, { steps: 10 });
  await page.mouse.up();
  await page.getByText(/[\d,]+ of [\d,]+ flows pass\./).waitFor();
  await page.getByRole("button", { name: "All times" }).click();
  await page.getByText(/^All [\d,]+ flows are shown\./).waitFor();
}
