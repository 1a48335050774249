import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createScorer } from "@oddflow/inference/node";
import { parseRules } from "@oddflow/rules";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { scoreInFirefox } from "./firefox-probe.ts";
import {
  buildAndServe,
  findProgram,
  fixtureBytes,
  largestDifference,
  MODEL,
  nodeScores,
  type ServedPage,
  zeekLog,
  zeekModel,
} from "./served-page.ts";

const CHROMIUM = findProgram(process.env["ODDFLOW_CHROMIUM"], "/usr/bin/chromium");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const FIREFOX = findProgram(process.env["ODDFLOW_FIREFOX"], "/usr/bin/firefox-esr");

let server: ServedPage;
/** The fixture's, by onnxruntime-node. */
let scores: Float32Array;
beforeAll(async () => {
  if (CHROMIUM === undefined && FIREFOX === undefined) return;
  server = await buildAndServe();
  scores = await nodeScores(fixtureBytes(), "flows.parquet", readFileSync(MODEL));
});
afterAll(() => server?.close());

test.skipIf(FIREFOX === undefined)(
  "Firefox scores the fixture as onnxruntime-node does, writes a rule and shows hosts and incidents (skipped without /usr/bin/firefox-esr or ODDFLOW_FIREFOX)",
  async () => {
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

describe.skipIf(CHROMIUM === undefined)(
  "in Chromium (skipped without /usr/bin/chromium or ODDFLOW_CHROMIUM)",
  () => {
    let browser: Browser;
    let threshold: number;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
      const scorer = await createScorer(MODEL, { provider: "cpu" });
      threshold = scorer.thresholds.forBudget(0.01);
      await scorer.close();
    });
    afterAll(() => browser?.close());

    /** Opens the page; the list is of what it asked of anyone else, and of what the browser complained of. */
    const openPage = async (
      scheme: "light" | "dark" = "light",
    ): Promise<{ page: Page; complaints: string[] }> => {
      const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1280, height: 900 } });
      const complaints: string[] = [];
      page.on("console", (message) => {
        // A machine without a GPU.
        if (!message.text().includes("No available adapters")) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        const url = request.url();
        const isOwn = url.startsWith(server.url) || url.startsWith(`blob:${server.url}`);
        if (!isOwn) complaints.push(`asked for ${url}`);
        if (request.method() !== "GET") complaints.push(`${request.method()} ${url}`);
      });
      await page.goto(server.url);
      return { page, complaints };
    };

    /** The same, for one test. */
    const open = async (scheme?: "light" | "dark"): Promise<Page> => {
      const { page, complaints } = await openPage(scheme);
      onTestFinished(async () => {
        await page.close();
        expect(complaints).toEqual([]);
      });
      return page;
    };

    const openSample = async (page: Page): Promise<void> => {
      await page.getByRole("button", { name: "Try the sample flows" }).click();
      await page.getByRole("heading", { name: "The oddest flows" }).waitFor();
    };

    const openFile = async (page: Page, name: string, content: string | Uint8Array): Promise<void> => {
      const buffer = Buffer.from(content);
      await page.getByLabel(/Open (a|another) file/).setInputFiles({ name, mimeType: "", buffer });
    };

    const chooseModel = async (page: Page, model: Uint8Array): Promise<void> => {
      const buffer = Buffer.from(model);
      await page
        .getByLabel("Choose another model")
        .setInputFiles({ name: "zeek.onnx", mimeType: "", buffer });
    };

    /** Once the worker has counted them. */
    const alarms = async (page: Page): Promise<number> => {
      await page.locator('section[aria-busy="false"] [data-figure="alarms"]').waitFor();
      return Number((await page.locator('[data-figure="alarms"]').textContent())?.replaceAll(",", ""));
    };

    const countFrom = (from: number): number => scores.filter((score) => score >= from).length;

    const save = async (page: Page): Promise<{ name: string; bytes: Buffer }> => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save the scored table" }).click(),
      ]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };

    const violations = async (page: Page): Promise<string[]> => {
      const found = await page.evaluate(`(async () => {
        ${AXE};
        const { violations } = await axe.run();
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary));
      })()`);
      return found as string[];
    };

    describe("the sample flows", () => {
      let page: Page;
      let complaints: string[];
      beforeAll(async () => {
        ({ page, complaints } = await openPage());
        await openSample(page);
      });
      afterAll(() => page?.close());
      afterEach(() => expect(complaints).toEqual([]));

      test("scores the fixture as onnxruntime-node does, in a worker, and exports it", async () => {
        expect(page.workers().length).toBeGreaterThan(0);
        expect(await alarms(page)).toBe(countFrom(threshold));

        const csv = await save(page);
        expect(csv.name).toBe("sample-flows.scored.csv");
        const [header = "", ...lines] = csv.bytes.toString().trim().split("\n");
        const names = header.split(",");
        expect(names.slice(-4)).toEqual(["score", "is_anomaly", "probability", "top_columns"]);
        const place = names.indexOf("score");
        const rows = lines.map((line) => line.split(","));
        expect(rows.map((cells) => cells[0])).toEqual(
          Array.from({ length: 24_000 }, (_, row) => String(row)),
        );
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
        const before = await alarms(page);

        await slider.focus();
        for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
        const byKeys = await alarms(page);
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
        const byPointer = await alarms(page);
        expect(byPointer).toBeLessThan(byKeys);
        expect(byPointer).toBe(countFrom(await shown()));

        await number.fill("9");
        await number.press("Enter");
        expect(await alarms(page)).toBe(countFrom(9));

        await page.getByRole("combobox", { name: "Alert budget" }).selectOption("0.1\u00a0% of usual flows");
        const scorer = await createScorer(MODEL, { provider: "cpu" });
        expect(await alarms(page)).toBe(countFrom(scorer.thresholds.forBudget(0.001)));
        await page.getByRole("combobox", { name: "Alert budget" }).selectOption("so many alarms a day");
        await page.getByRole("spinbutton", { name: "Alarms a day" }).fill("10");
        await page.getByRole("spinbutton", { name: "Alarms a day" }).press("Enter");
        const share = 10 / (24_000 / 2);
        expect(Math.abs((await shown()) - scorer.thresholds.forBudget(share))).toBeLessThan(0.05);
        await scorer.close();
        await page.getByRole("combobox", { name: "Alert budget" }).selectOption("the oddest 1\u00a0%");
        expect(await alarms(page)).toBe(240);
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
            expect(
              await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
              ),
            ).toBe(0);
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

      const view = async (name: string): Promise<void> => {
        await page.getByRole("tab", { name }).click();
        await page.locator(`[data-figure="${name.toLowerCase()}"]`).waitFor();
        await page.setViewportSize({ width: 390, height: 900 });
        expect(await violations(page)).toEqual([]);
        expect(
          await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          ),
        ).toBe(0);
        await page.setViewportSize({ width: 1280, height: 900 });
      };
      const numberIn = (text: string | null): number =>
        Number(/[\d,]+/.exec(text ?? "")?.[0].replaceAll(",", ""));

      test("two clicks from a flow write a rule, which acts at once and is saved as the commands read it", async () => {
        const before = await alarms(page);
        const first = page.locator(".flows tbody tr").first();
        await first.getByRole("button", { name: "Rule from row" }).click();
        expect(await violations(page)).toEqual([]);
        await page.getByRole("button", { name: "Add this rule" }).click();
        const figure = page.locator('[data-figure="hidden"]');
        const hidden = numberIn(await figure.textContent());
        expect(hidden).toBeGreaterThan(0);
        await expect.poll(() => alarms(page)).toBe(before - hidden);
        await first.getByText("benign", { exact: true }).waitFor();

        await view("Rules");
        const cells = await page.locator(".rules tbody td.number").allTextContents();
        expect(cells.map(numberIn)).toEqual([hidden, hidden, hidden]);
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: "Save rules.yaml" }).click(),
        ]);
        const text = readFileSync(await download.path(), "utf8");
        expect(parseRules(text, "rules.yaml").rules).toMatchObject([{ verdict: "benign" }]);
        const open = page.getByLabel("Open a rules.yaml");
        const file = (content: string) => ({ name: "x.yaml", mimeType: "", buffer: Buffer.from(content) });
        await open.setInputFiles(file("rules: 3"));
        await page.getByRole("alert").getByText("x.yaml:1:1").waitFor();
        await page.getByRole("tab", { name: "Flows" }).click();
        await first.getByRole("button", { name: "Rule from row" }).click();
        await page.getByRole("button", { name: "Add this rule" }).waitFor();
        expect(await page.getByRole("alert").count()).toBe(0);
        await page.getByRole("tab", { name: "Rules" }).click();
        await open.setInputFiles(file(text.replace("benign\n", "escalate\n")));
        await page.getByText(`${before.toLocaleString("en-US")} of`).waitFor();
        await page.getByRole("button", { name: "Remove" }).click();
        await page.getByText("There are no rules.").waitFor();
        await page.getByRole("button", { name: "Use no rules" }).click();
        await page.keyboard.press("Tab");
        await page.getByRole("tab", { name: "Flows" }).click();
        expect(await alarms(page)).toBe(before);
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
        await expect.poll(() => alarms(page)).toBe(own + others);

        await page.getByRole("tab", { name: "Comparison" }).click();
        await page
          .getByLabel("Open a second model")
          .setInputFiles({ name: "same.onnx", mimeType: "", buffer: readFileSync(MODEL) });
        await page.getByText("Rank correlation").waitFor();
        expect(await page.locator(".key-figures b").allTextContents()).toEqual([
          "100\u00a0%",
          "100\u00a0%",
          "1.0000",
        ]);
        expect(await violations(page)).toEqual([]);
        await page
          .getByLabel("Open a second model")
          .setInputFiles({ name: "none.onnx", mimeType: "", buffer: Buffer.from("no model") });
        await page.getByRole("alert").getByText("none.onnx").waitFor();
        await page.getByText("Rank correlation").waitFor();
      });
    });

    test("a Zeek log with a model of its own: 100,000 flows, with progress", async () => {
      const page = await open();
      await chooseModel(page, zeekModel());
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
      const path = join(server.folder, "conn.log");
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
      const page = await open();
      const alert = page.getByRole("alert");
      await openFile(page, "conn.log", zeekLog(3));
      await alert.getByText(/conn\.log lacks 29 columns: "dbytes"|lacks \d+ columns: /).waitFor();
      expect(await alert.textContent()).toContain('"sttl"');
      await openFile(page, "flows.csv", "a,b\n1,2\n3\n");
      await alert.getByText("line 3 has 1 cell, the first line 2").waitFor();
      await openFile(page, "flows.parquet", fixtureBytes().subarray(0, 40_000));
      await alert.getByText(/flows\.parquet cannot be read as Parquet/).waitFor();
      await openFile(page, "picture.png", Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13));
      await alert.getByText("neither Parquet nor text").waitFor();
      await openFile(page, "conn.log", zeekLog(3));
      await alert.getByText("lacks").waitFor();
      await chooseModel(page, new TextEncoder().encode("no model"));
      await alert.getByText(/zeek\.onnx: read model/i).waitFor();
      await page.getByRole("button", { name: "Back to unsw-nb15.onnx" }).click();
      await alert.getByText("lacks").waitFor();
      await page.getByRole("button", { name: "Back to the start" }).click();
      await page.getByRole("heading", { name: "Find the odd flows in a file" }).waitFor();
    });

    test("with the keyboard alone; a scoring can be cancelled", async () => {
      const page = await open();
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
        const page = await open(scheme);
        const overflow = async (): Promise<number> =>
          page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(await violations(page)).toEqual([]);
        await openFile(page, "flows.csv", "a,b\n1,2\n3\n");
        await page.getByRole("alert").waitFor();
        expect(await violations(page)).toEqual([]);
        await chooseModel(page, zeekModel());
        await openFile(page, "conn.log", zeekLog(2000));
        await page.getByRole("button", { name: "Why?" }).first().click();
        await page.getByRole("heading", { name: "What made it odd" }).waitFor();
        await page.getByLabel("Value").fill("tcp");
        await page.getByRole("button", { name: "Add filter" }).click();
        expect(await violations(page)).toEqual([]);
        expect(await overflow()).toBe(0);
        await page.setViewportSize({ width: 390, height: 800 });
        expect(await violations(page)).toEqual([]);
        expect(await overflow()).toBe(0);
      },
    );
  },
);
