import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, ChromiumPages, give, overflow, save, violations } from "./chromium-page.ts";
import { fixtureBytes, largestDifference, nodeScores, zeekLog, zeekModel } from "./served-page.ts";

const OPEN_FILE = /Open (a|another) file/;

describe.skipIf(CHROMIUM === undefined)(
  "files of one's own in Chromium (skipped without /usr/bin/chromium or ODDFLOW_CHROMIUM)",
  () => {
    let pages: ChromiumPages;
    beforeAll(async () => {
      pages = await ChromiumPages.start();
    });
    afterAll(() => pages?.close());

    test("a Zeek log with a model of its own: 100,000 flows, with progress", async () => {
      const page = await pages.open();
      await give(page, "Choose another model", "zeek.onnx", zeekModel());
      await page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(globalThis, { seen });
        new MutationObserver(() => {
          const text = document.querySelector(".progress-text")?.textContent;
          if (text && seen.at(-1) !== text) seen.push(text);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      const log = zeekLog(100_000);
      // By its path: a file as large as this takes long to be handed over.
      const path = join(pages.server.folder, "conn.log");
      writeFileSync(path, log);
      await page.getByLabel("Open a file").setInputFiles(path);
      await page.getByRole("heading", { name: "The oddest flows" }).waitFor();
      const seen = (await page.evaluate("seen")) as string[];
      expect(seen.filter((text) => text.startsWith("Reading")).length).toBeGreaterThan(1);
      expect(seen.filter((text) => text.startsWith("Scoring")).length).toBeGreaterThan(1);
      expect(await page.locator(".run-facts").textContent()).toContain("Read asZeek connections");

      const wanted = await nodeScores(new TextEncoder().encode(log), "conn.log", zeekModel());
      const { bytes } = await save(page);
      const [header = "", ...lines] = bytes.toString().trim().split("\n");
      expect(header).toContain("ts,uid,id.orig_h");
      const place = header.split(",").indexOf("score");
      expect(
        largestDifference(
          lines.map((line) => Number(line.split(",")[place])),
          wanted,
        ),
      ).toBeLessThan(1e-5);
      const first = page.locator(".flows tbody tr").first();
      expect(await first.textContent()).toContain("2024-01-");
      expect(await first.textContent()).toMatch(/10\.0\.\d\.\d+:\d+/);
      expect(await first.textContent()).toContain("orig_bytes 1 G");
    });

    test("what cannot be scored is said in one sentence, and another file can be opened", async () => {
      const page = await pages.open();
      const alert = page.getByRole("alert");
      await give(page, OPEN_FILE, "conn.log", zeekLog(3));
      await alert.getByText(/conn\.log lacks 29 columns: "dbytes"|lacks \d+ columns: /).waitFor();
      expect(await alert.textContent()).toContain('"sttl"');
      await give(page, OPEN_FILE, "flows.csv", "a,b\n1,2\n3\n");
      await alert.getByText("line 3 has 1 cell, the first line 2").waitFor();
      await give(page, OPEN_FILE, "flows.parquet", fixtureBytes().subarray(0, 40_000));
      await alert.getByText(/flows\.parquet cannot be read as Parquet/).waitFor();
      await give(page, OPEN_FILE, "picture.png", Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13));
      await alert.getByText("neither Parquet nor text").waitFor();
      await give(page, OPEN_FILE, "conn.log", zeekLog(3));
      await alert.getByText("lacks").waitFor();
      await give(page, "Choose another model", "zeek.onnx", new TextEncoder().encode("no model"));
      await alert.getByText(/zeek\.onnx: read model/i).waitFor();
      await page.getByRole("button", { name: "Back to unsw-nb15.onnx" }).click();
      await alert.getByText("lacks").waitFor();
      await page.getByRole("button", { name: "Back to the start" }).click();
      await page.getByRole("heading", { name: "Find the odd flows in a file" }).waitFor();
    });

    test("with the keyboard alone; a scoring can be cancelled", async () => {
      const page = await pages.open();
      const press = async (key: string, until: () => Promise<boolean>): Promise<void> => {
        for (let i = 0; i < 60 && !(await until()); i++) await page.keyboard.press(key);
        expect(await until()).toBe(true);
      };
      const isFocused = (text: string) => async (): Promise<boolean> =>
        page.evaluate((wanted) => document.activeElement?.textContent?.startsWith(wanted) ?? false, text);
      const start = async (): Promise<void> => {
        await press("Tab", isFocused("Try the sample flows"));
        await page.keyboard.press("Enter");
        await page.getByRole("progressbar").waitFor();
      };
      await start();
      // Focus is on the new heading, so that the next stop is the way out.
      await press("Tab", isFocused("Cancel"));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Find the odd flows in a file" }).waitFor();
      // The browser says a moment later that it has ended a worker.
      await expect.poll(() => page.workers()).toEqual([]);
      await start();
      await page.getByRole("heading", { name: "The oddest flows" }).waitFor();
      expect(await isFocused("sample-flows.parquet")()).toBe(true);
      await press("Tab", isFocused("Why?"));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "What made it odd" }).waitFor();
      expect(await page.locator(".shares li").count()).toBe(8);
      expect(await page.locator(".cells > div").count()).toBe(50);
    });

    test.each(["light", "dark"] as const)(
      "axe has nothing to say, and nothing sticks out: %s",
      async (scheme) => {
        const page = await pages.open(scheme);
        expect(await violations(page)).toEqual([]);
        await give(page, OPEN_FILE, "flows.csv", "a,b\n1,2\n3\n");
        await page.getByRole("alert").waitFor();
        expect(await violations(page)).toEqual([]);
        await give(page, "Choose another model", "zeek.onnx", zeekModel());
        await give(page, OPEN_FILE, "conn.log", zeekLog(2000));
        await page.getByRole("button", { name: "Why?" }).first().click();
        await page.getByRole("heading", { name: "What made it odd" }).waitFor();
        await page.getByLabel("Value").fill("tcp");
        await page.getByRole("button", { name: "Add filter" }).click();
        expect(await violations(page)).toEqual([]);
        expect(await overflow(page)).toBe(0);
        await page.setViewportSize({ width: 390, height: 800 });
        expect(await violations(page)).toEqual([]);
        expect(await overflow(page)).toBe(0);
      },
    );
  },
);
