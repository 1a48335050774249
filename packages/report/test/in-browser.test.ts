import { existsSync } from "node:fs";
import { renderComparison, renderReport } from "@oddflow/report";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleComparison } from "./sample-comparison.ts";
import { sampleReport, unlabelledReport } from "./sample-report.ts";

const CHROMIUM = [process.env["ODDFLOW_CHROMIUM"], "/usr/bin/chromium"].find(
  (path) => path !== undefined && existsSync(path),
);

/**
 * Runs in the page. Gives every text's contrast against what it stands on (WCAG 2.2, 1.4.3), the colour samples' contrast
 * against the page (1.4.11), and whatever reaches out of the window without scrolling by itself.
 */
const LOOK = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (colour) => {
    const [r, g, b] = [...rgba(colour)].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return "white";
  };
  for (const details of document.querySelectorAll("details")) details.open = true;
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === "") continue;
    const style = getComputedStyle(element);
    const colour = element.closest("svg") ? style.fill : style.color;
    texts.push({ text, contrast: contrast(colour, background(element)) });
  }
  const samples = [...document.querySelectorAll(".legend i")].map((sample) => ({
    text: sample.className,
    contrast: contrast(getComputedStyle(sample).borderTopColor, background(sample.parentElement)),
  }));
  const width = document.documentElement.clientWidth;
  const outside = [...document.body.querySelectorAll("*")]
    .filter((element) => !element.closest(".scroll") && element.getBoundingClientRect().right > width + 0.5)
    .map((element) => element.outerHTML.slice(0, 120));
  return {
    texts,
    samples,
    outside,
    page: rgba(background(document.body))[0],
    overflow: document.documentElement.scrollWidth - width,
    figures: [...document.querySelectorAll("figure svg")].map((svg) => svg.getBoundingClientRect().height),
  };
})()`;

interface Seen {
  readonly texts: readonly { readonly text: string; readonly contrast: number }[];
  readonly samples: readonly { readonly text: string; readonly contrast: number }[];
  readonly outside: readonly string[];
  /** How bright the page is, 0 to 255. */
  readonly page: number;
  readonly overflow: number;
  readonly figures: readonly number[];
}

describe.skipIf(CHROMIUM === undefined)(
  "in a browser (skipped without /usr/bin/chromium or ODDFLOW_CHROMIUM)",
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
    });
    afterAll(() => browser.close());

    const look = async (html: string, colorScheme: "light" | "dark", width: number) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => complaints.push(`asked for ${request.url().slice(0, 100)}`));
      await page.setContent(html);
      const seen = (await page.evaluate(LOOK)) as Seen;
      await page.close();
      return { ...seen, complaints };
    };

    test.each([
      ["light", 1280],
      ["light", 420],
      ["dark", 1280],
      ["dark", 420],
    ] as const)(
      "%s, %i pixels wide: readable, nothing sticks out, nothing is loaded",
      async (scheme, width) => {
        const names = ["dos", "a-name-without-any-space-that-is-far-too-long-for-a-narrow-window".repeat(2)];
        const seen = await look(renderReport(sampleReport({ attackNames: names })), scheme, width);
        expect(seen.complaints).toEqual([]);
        expect(seen.texts.length).toBeGreaterThan(200);
        expect(seen.texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
        expect(seen.samples.length).toBeGreaterThan(10);
        expect(seen.samples.filter(({ contrast }) => contrast < 3)).toEqual([]);
        expect(seen.overflow).toBe(0);
        expect(seen.outside).toEqual([]);
        expect(seen.figures).toHaveLength(7);
        expect(Math.min(...seen.figures)).toBeGreaterThan(80);
        if (scheme === "dark") expect(seen.page).toBeLessThan(60);
        else expect(seen.page).toBe(255);
      },
    );

    test("text from data is no markup to a browser", async () => {
      const text = `'"></svg></title><script>console.log(1)</script><img src=x onerror=alert(1)>`;
      const data = sampleReport({ attackNames: [text, "worms"] });
      const columnErrors = { names: [text], normal: Float64Array.of(1), attack: Float64Array.of(2) };
      const oddest = [{ row: 1, score: 3, label: text, reasons: [text] }];
      const seen = await look(renderReport({ ...data, title: text, columnErrors, oddest }), "light", 1280);
      expect(seen.complaints).toEqual([]);
      // As heading, attack type, label and reason.
      expect(seen.texts.filter((shown) => shown.text === text)).toHaveLength(4);
      expect(seen.figures).toHaveLength(7);
    });

    test.each([
      ["light", 1280],
      ["dark", 420],
    ] as const)("a page on two models, %s, %i pixels wide", async (scheme, width) => {
      const text = `<script>console.log(1)</script>${"without-any-space-".repeat(9)}`;
      const seen = await look(renderComparison(sampleComparison(text)), scheme, width);
      expect(seen.complaints).toEqual([]);
      expect(seen.texts.length).toBeGreaterThan(60);
      expect(seen.texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
      expect(seen.samples.filter(({ contrast }) => contrast < 3)).toEqual([]);
      expect(seen.outside).toEqual([]);
      expect(seen.figures).toHaveLength(1);
    });

    test("a report without labels, too", async () => {
      const seen = await look(renderReport(unlabelledReport()), "dark", 420);
      expect(seen.complaints).toEqual([]);
      expect(seen.texts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
      expect(seen.outside).toEqual([]);
      expect(seen.figures).toHaveLength(3);
    });
  },
);
