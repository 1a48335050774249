import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { findProgram, type ServedPage, serveBuilt } from "./served-page.ts";

export const CHROMIUM: string | undefined = findProgram(process.env["ODDFLOW_CHROMIUM"], "/usr/bin/chromium");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A page, and what it asked of anyone else and what the browser complained of. */
export interface OpenedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** The page in a Chromium of a test file's own. */
export class ChromiumPages {
  readonly server: ServedPage;
  readonly #browser: Browser;

  private constructor(server: ServedPage, browser: Browser) {
    this.server = server;
    this.#browser = browser;
  }

  static async start(): Promise<ChromiumPages> {
    const server = await serveBuilt();
    const browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
    return new ChromiumPages(server, browser);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.close();
  }

  async openPage(scheme: "light" | "dark" = "light"): Promise<OpenedPage> {
    const page = await this.#browser.newPage({
      colorScheme: scheme,
      viewport: { width: 1280, height: 900 },
    });
    const complaints: string[] = [];
    page.on("console", (message) => {
      // A machine without a GPU.
      if (!message.text().includes("No available adapters")) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const url = request.url();
      const isOwn = url.startsWith(this.server.url) || url.startsWith(`blob:${this.server.url}`);
      if (!isOwn) complaints.push(`asked for ${url}`);
      if (request.method() !== "GET") complaints.push(`${request.method()} ${url}`);
    });
    await page.goto(this.server.url);
    return { page, complaints };
  }

  /** The same, for one test. */
  async open(scheme?: "light" | "dark"): Promise<Page> {
    const { page, complaints } = await this.openPage(scheme);
    onTestFinished(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });
    return page;
  }
}

export async function openSample(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try the sample flows" }).click();
  await page.getByRole("heading", { name: "The oddest flows" }).waitFor();
}

/** Gives a field a file, by the field's label. */
export async function give(
  page: Page,
  label: string | RegExp,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  await page.getByLabel(label).setInputFiles({ name, mimeType: "", buffer: Buffer.from(content) });
}

/** How many alarms the page says there are, once the worker has counted them. */
export async function alarmsOn(page: Page): Promise<number> {
  await page.locator('section[aria-busy="false"] [data-figure="alarms"]').waitFor();
  return numberIn(await page.locator('[data-figure="alarms"]').textContent());
}

/** The first number in a text. */
export function numberIn(text: string | null): number {
  return Number(/[\d,]+/.exec(text ?? "")?.[0].replaceAll(",", ""));
}

/** What a button saves. */
export async function save(
  page: Page,
  button = "Save the scored table",
): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** What axe says against the page as it is. */
export async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(`(async () => {
    ${AXE};
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary));
  })()`);
  return found as string[];
}

/** How far something sticks out of the page to the right, in pixels. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
