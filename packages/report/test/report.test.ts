import { evaluateScores } from "@oddflow/evaluation";
import { lossesOfRecord, type ReportData, renderComparison, renderReport } from "@oddflow/report";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { hourlyAlarms } from "../src/hourly-alarms.ts";
import { sampleComparison } from "./sample-comparison.ts";
import { LOSSES, sampleReport, unlabelledReport } from "./sample-report.ts";

interface PageElement {
  readonly id: string;
  readonly textContent: string | null;
  readonly localName: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

function open(data: ReportData): PageElement {
  return parsed(renderReport(data));
}

function parsed(html: string): PageElement {
  return parseHTML(html).document.documentElement as unknown as PageElement;
}

function texts(page: PageElement, selector: string): string[] {
  return [...page.querySelectorAll(selector)].map(({ textContent }) => plain(textContent ?? ""));
}

function plain(text: string): string {
  return text.replace(/[\s\u00a0]+/g, " ").trim();
}

function figureIds(page: PageElement): string[] {
  return [...page.querySelectorAll("figure")].map(({ id }) => id);
}

/** The rows of the table with a caption, each as its cells' texts. */
function tableRows(page: PageElement, caption: string): string[][] {
  const table = [...page.querySelectorAll("table")].find(
    (candidate) => candidate.querySelector("caption")?.textContent === caption,
  );
  if (table === undefined) throw new Error(`no table "${caption}"`);
  return [...table.querySelectorAll("tbody tr")].map((row) => texts(row, "th, td"));
}

/** Pages must not load, run or send anything, whatever the data holds. */
function expectHarmless(page: PageElement): void {
  const forbidden = "script, link, img, iframe, object, embed, form, base, foreignObject, a, use, image";
  expect([...page.querySelectorAll(forbidden)].map(({ localName }) => localName)).toEqual([]);
  for (const element of page.querySelectorAll("*")) {
    for (const name of ["src", "href", "xlink:href", "onload", "onerror", "onclick", "style"]) {
      expect(element.getAttribute(name), `${name} of ${element.localName}`).toBeNull();
    }
  }
}

describe("alarms by hour", () => {
  const HOUR = 3600;
  /** Monday, 5 January 2026, 00:00 UTC. */
  const MONDAY = 1_767_571_200;
  const data = sampleReport();
  const over = (hours: number): ReportData => ({
    ...data,
    times: Float64Array.from(data.scores, (_, row) => MONDAY + (row * hours * HOUR) / data.scores.length),
  });
  const ids = (of: ReportData): string[] => figureIds(open(of)).filter((id) => id.startsWith("alarms"));

  test("are drawn for the day, and for the week where flows span one, and where times are known alone", () => {
    expect(ids(over(48))).toEqual(["alarms-by-hour"]);
    expect(ids(over(24 * 7))).toEqual(["alarms-by-hour", "alarms-by-hour-of-week"]);
    expect(ids(over(5))).toEqual([]);
    expect(ids(data)).toEqual([]);
    expect(ids({ ...data, times: Float64Array.from(data.scores, (_, row) => row * 300) })).toEqual([]);
    expectHarmless(open(over(24 * 7)));
  });

  test("are those at the threshold in use, averaged over the days with flows at that hour", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(24 * 20), { minLength: 30, maxLength: 120 }), (places) => {
        const rows = [0, 24 * 9 + 23, ...places];
        const times = Float64Array.from(rows, (hour) => MONDAY + hour * HOUR + 7);
        const scores = data.scores.slice(0, rows.length);
        const isAttack = data.labels.isAttack.slice(0, rows.length);
        const suppressed = Uint8Array.from(rows, (_, row) => (row % 7 === 0 ? 1 : 0));
        const page = { ...data, times, scores, suppressed, labels: { ...data.labels, isAttack } };
        const counts = Array.from({ length: 24 }, (_, hour) => {
          const own = rows.flatMap((at, row) => (at % 24 === hour ? [row] : []));
          const days = new Set(own.map((row) => Math.floor((rows[row] as number) / 24))).size;
          const alarms = own.filter((row) => (scores[row] as number) >= 1 && row % 7 !== 0);
          const attacks = alarms.filter((row) => isAttack[row] === 1).length / days;
          return { hour, normal: alarms.length / days - attacks, attack: attacks };
        }).filter((own) => Number.isFinite(own.normal));
        const found = hourlyAlarms(page, 24) ?? [];
        expect(found.map(({ hour }) => hour)).toEqual(counts.map(({ hour }) => hour));
        for (const [k, { normal, attack }] of counts.entries()) {
          expect(found[k]?.normal).toBeCloseTo(normal, 9);
          expect(found[k]?.attack).toBeCloseTo(attack, 9);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("a report of labelled flows", () => {
  const page = open(sampleReport());

  test("has every figure, each with a title, a text alternative and a caption", () => {
    expect(figureIds(page)).toEqual([
      "scores",
      "roc",
      "roc-few",
      "precision-recall",
      "attack-types",
      "column-errors",
      "losses",
    ]);
    for (const figure of page.querySelectorAll("figure")) {
      const title = page.querySelector(`#${figure.getAttribute("aria-labelledby")}`);
      expect(title?.localName).toBe("h3");
      expect(plain(title?.textContent ?? "")).not.toBe("");
      const drawing = figure.querySelector("svg");
      expect(drawing?.getAttribute("role")).toBe("img");
      expect(drawing?.getAttribute("aria-label")).toMatch(/\w+ \w+/);
      expect(plain(figure.querySelector("figcaption")?.textContent ?? "")).toMatch(/\w+ \w+/);
    }
  });

  test("says the counts of the evaluation in large figures, in a sentence and in the confusion matrix", () => {
    const data = sampleReport();
    const { confusion, rocAuc } = data.labels.evaluation;
    if (confusion === null || rocAuc === null) throw new Error("the sample has both classes");
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
    const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
    const found = share(truePositives, truePositives + falseNegatives);
    const alarmed = share(falsePositives, falsePositives + trueNegatives);
    expect(texts(page, ".key-figures b").slice(0, 3)).toEqual([rocAuc.toFixed(4), found, alarmed]);
    expect(texts(page, ".key-figures span")[1]).toBe(`${truePositives} of 200 attacks`);
    expect(texts(page, ".summary")[0]).toBe(
      `At a threshold meant to flag 1 % of usual flows, ${found} of the attacks are found, and ${alarmed} of the normal flows raise a false alarm.`,
    );
    expect(tableRows(page, "Confusion matrix at the threshold in use")).toEqual([
      [
        "normal flows",
        `${trueNegatives} ${share(trueNegatives, 800)}`,
        `${falsePositives} ${alarmed}`,
        "800",
      ],
      ["attacks", `${falseNegatives} ${share(falseNegatives, 200)}`, `${truePositives} ${found}`, "200"],
    ]);
  });

  test("says of every threshold what it flags", () => {
    const { scores, labels, thresholds } = sampleReport();
    const flagged = (value: number, attack: number): number => {
      const own = scores.filter((_, row) => labels.isAttack[row] === attack);
      return own.filter((score) => score >= value).length / own.length;
    };
    const rows = tableRows(page, "Thresholds");
    expect(rows.map(([name]) => name)).toEqual([
      "A: budget of 1 % (in use)",
      "B: best Youden J",
      "C: close by",
    ]);
    thresholds.forEach(({ value }, i) => {
      expect(Number.parseFloat(rows[i]?.[1] ?? "")).toBeCloseTo(value, 3);
      expect(Number.parseFloat(rows[i]?.[3] ?? "")).toBeCloseTo(100 * flagged(value, 0), 0);
      expect(Number.parseFloat(rows[i]?.[4] ?? "")).toBeCloseTo(100 * flagged(value, 1), 0);
    });
    // Each is a rule and a letter on the figure of the scores.
    const letters = texts(page, "#scores svg text").filter((text) => /^[A-Z]$/.test(text));
    expect(letters.toSorted()).toEqual(["A", "B", "C"]);
  });

  test("names the oddest flows and attack types in the order given", () => {
    expect(tableRows(page, "The flows with the highest scores, and what made them odd")).toEqual([
      ["17", "3.490", "1 in 2,500", "dos", "sbytes 9,000dur 0"],
      ["3", "3.200", "rarer than can be said", "worms", "dur 3"],
    ]);
    expect(tableRows(page, "Detection per attack").map(([name, flows]) => [name, flows])).toEqual([
      ["dos", "100"],
      ["worms", "100"],
    ]);
    const axis = texts(page, "#column-errors svg text").filter((text) => /^[a-z]{3}/.test(text));
    expect(axis.slice(0, 3)).toEqual(["sbytes", "service", "dur"]);
  });

  test("needs nothing beside itself", () => {
    const text = renderReport(sampleReport());
    expect(text).not.toMatch(/https?:|url\(|@import/);
    expect(page.querySelector("meta[http-equiv]")?.getAttribute("content")).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    );
    expectHarmless(page);
    expect(renderReport(sampleReport())).toBe(text);
  });
});

test("a report of 50,000 flows stays far below a megabyte, and its curves have hundreds of points", () => {
  const text = renderReport(sampleReport({ flows: 50_000 }));
  expect(text.length).toBeLessThan(300_000);
  const paths = [...parseHTML(text).document.querySelectorAll("figure path")] as unknown as PageElement[];
  const points = paths.map((path) => (path.getAttribute("d") ?? "").split(/[LHV]/).length);
  expect(Math.max(...points)).toBeGreaterThan(100);
  expect(Math.max(...points)).toBeLessThan(2000);
});

describe("what is not known is left out", () => {
  test("without labels: scores, thresholds, losses, column errors and oddest flows remain", () => {
    const page = open(unlabelledReport());
    expect(figureIds(page)).toEqual(["scores", "column-errors", "losses"]);
    expect(texts(page, "caption")).not.toContain("Confusion matrix at the threshold in use");
    const { scores } = unlabelledReport();
    const alarms = scores.filter((score) => score >= 1).length;
    expect(texts(page, ".key-figures b").slice(0, 2)).toEqual(["1,000", String(alarms)]);
    expect(texts(page, ".summary")[0]).toContain("no labels");
  });

  test("without losses, column errors, oddest flows, training record or columns", () => {
    const { title, facts, scores, labels, thresholds } = sampleReport();
    const page = open({ title, facts, scores, labels, thresholds });
    expect(figureIds(page)).toEqual(["scores", "roc", "roc-few", "precision-recall", "attack-types"]);
    expect(texts(page, "h2")).toEqual(["Detection"]);
    expect(texts(page, "details")).toEqual([]);
  });

  test("nothing but a title", () => {
    const page = open({ title: "empty", facts: [], scores: new Float32Array(), thresholds: [] });
    expect(figureIds(page)).toEqual([]);
    expect(texts(page, "h1")).toEqual(["empty"]);
  });

  const evaluationOf = (scores: Float32Array, isAttack: Uint8Array, threshold?: number) =>
    evaluateScores({ scores, isAttack, ...(threshold === undefined ? {} : { threshold }) });

  test.each([0, 1])("one class alone (label %i) has no curves", (label) => {
    const scores = Float32Array.of(0.1, 0.2, 5);
    const isAttack = new Uint8Array(3).fill(label);
    const labels = { isAttack, evaluation: evaluationOf(scores, isAttack, 1) };
    const page = open({
      title: "one class",
      facts: [],
      scores,
      labels,
      thresholds: [{ name: "t", value: 1 }],
    });
    expect(figureIds(page)).toEqual(["scores"]);
    expect(tableRows(page, "Confusion matrix at the threshold in use")).toHaveLength(2);
    expect(page.textContent).not.toMatch(/NaN|Infinity|undefined/);
  });

  test.each([
    ["all scores alike", Float32Array.of(2, 2, 2, 2)],
    ["scores below zero", Float32Array.of(-3, -1, 0, 4)],
    ["scores of zero", new Float32Array(4)],
    ["scores far apart", Float32Array.of(1e-30, 1e-3, 1, 1e30)],
    ["a single flow", Float32Array.of(0.3)],
  ])("%s draw", (_, scores) => {
    const isAttack = Uint8Array.from(scores, (_score, row) => row % 2);
    const labels = { isAttack, evaluation: evaluationOf(scores, isAttack) };
    const thresholds = [{ name: "none", value: Number.POSITIVE_INFINITY }];
    const page = open({ title: "extreme", facts: [], scores, labels, thresholds });
    expect(figureIds(page)).toContain("scores");
    expect(renderReport({ title: "t", facts: [], scores, labels, thresholds })).not.toMatch(
      /NaN|Infinity|undefined/,
    );
  });

  test("scores that are not finite do not count", () => {
    const scores = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1, 2);
    expect(figureIds(open({ title: "t", facts: [], scores, thresholds: [] }))).toEqual(["scores"]);
    const none = Float32Array.of(Number.NaN);
    expect(figureIds(open({ title: "t", facts: [], scores: none, thresholds: [] }))).toEqual([]);
  });
});

/** A report in which one text stands in every place that data can fill. */
function reportFullOf(text: string): ReportData {
  const data = sampleReport({ flows: 20, attackNames: [text, "worms"] });
  return {
    ...data,
    title: text,
    facts: [[text, text]],
    thresholds: [{ name: text, value: 1 }],
    losses: LOSSES.map(({ epochs }) => ({ name: text, epochs })),
    columnErrors: { names: [text], normal: Float64Array.of(1), attack: Float64Array.of(2) },
    oddest: [{ row: 1, score: 3, label: text, reasons: [text, text] }],
    training: { [text]: text, list: [text], nested: { [text]: [{ [text]: text }] } },
    columns: [{ kind: "number", name: text }],
  };
}

describe("text from data stays text", () => {
  test.each([
    "<script>alert(1)</script>",
    `"><img src=x onerror=alert(1)>`,
    "'><svg onload=alert(1)>",
    "</title></style><script>alert(1)</script>",
    "<!-- &amp; &lt;b&gt; {{x}} ]]>",
    "`</svg><a href='javascript:x'>`",
  ])("%s", (text) => {
    const page = open(reportFullOf(text));
    expectHarmless(page);
    expect(page.querySelector("h1")?.textContent).toBe(text);
    expect(page.querySelector("title")?.textContent).toBe(text);
    expect(page.textContent?.split(text).length).toBeGreaterThan(10);
    expect(page.querySelector("#attack-types svg")?.getAttribute("aria-label")).toContain(text);
  });

  test("any text whatever leaves the page's structure as it is", () => {
    const structure = (data: ReportData): string =>
      [...open(data).querySelectorAll("*")].map(({ localName }) => localName).join(" ");
    const expected = structure(reportFullOf("plain"));
    const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
    // A text that is the name of a part of a training record, or of the other attack, would change the page rightly.
    const usual = anyText.filter(
      (text) => !["worms", "epochs", "list", "nested", "__proto__"].includes(text),
    );
    fc.assert(
      fc.property(usual, (text) => {
        expect(structure(reportFullOf(text))).toBe(expected);
      }),
      { numRuns: 10 },
    );
  });

  test("control characters, halves of characters and turned writing are shown as what they are not", () => {
    const text = "a\u0000b\u001bc\u202ed\ud800e";
    expect(open(reportFullOf(text)).querySelector("h1")?.textContent).toBe("a\ufffdb\ufffdc\ufffdd\ufffde");
  });

  test("long names are cut in figures, and hundreds of attacks and columns are left to the tables", () => {
    const long = "x".repeat(5000);
    const attackNames = Array.from({ length: 250 }, (_, i) => `${long}${i}`);
    const names = Array.from({ length: 250 }, (_, i) => `column${i}`);
    const data = sampleReport({ flows: 2500, attackNames });
    const errors = { names, normal: new Float64Array(250).fill(1), attack: new Float64Array(250).fill(2) };
    const text = renderReport({ ...data, columnErrors: errors });
    expect(text.length).toBeLessThan(300_000);
    expect(text).toContain("226 rarer ones are left out");
    expect(text).toContain("200 more columns are left out");
  });
});

describe("a page on two models", () => {
  test("says what it was told of all flows and of each kind", () => {
    const data = sampleComparison("worms");
    const page = parsed(renderComparison(data));
    const { alarms, labels } = data.comparison;
    expect(texts(page, ".key-figures b").slice(0, 2)).toEqual([String(alarms.old), String(alarms.new)]);
    const rows = tableRows(page, "Share that raises an alarm, by label");
    expect(rows.map(([name, flows]) => [name, flows])).toEqual([
      ["normal (false alarms)", "1,900"],
      ...(labels?.attacks.map(({ name, flows }) => [name, String(flows)]) ?? []),
    ]);
    expect(figureIds(page)).toEqual(["rarities"]);
  });

  test("any text whatever leaves its structure as it is, and nothing is loaded", () => {
    const structure = (text: string): string => {
      const page = parsed(renderComparison(sampleComparison(text, 200)));
      expectHarmless(page);
      return [...page.querySelectorAll("*")].map(({ localName }) => localName).join(" ");
    };
    const expected = structure("plain");
    const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
    const usual = anyText.filter((text) => !["b", "c", "normal"].includes(text));
    fc.assert(
      fc.property(usual, (text) => {
        expect(structure(text)).toBe(expected);
      }),
      { numRuns: 10 },
    );
  });
});

describe("losses of a training record", () => {
  const epochs = [{ epoch: 1, trainLoss: 1, validationLoss: 2, learningRate: 0.1 }];

  test("are those of the main network and of its cores", () => {
    expect(lossesOfRecord({ epochs, cores: [{ rule: "isolation", epochs }] })).toEqual([
      { name: "all flows", epochs },
      { name: "flows usual by isolation", epochs },
    ]);
  });

  test.each([
    {},
    { epochs: [] },
    { epochs: "no list" },
    { epochs: [{ trainLoss: "1", validationLoss: 2 }] },
    { epochs: [null] },
    { epochs: 1, cores: [null, 3, { epochs: [{}] }] },
  ])("that cannot be read are left out: %j", (record) => {
    expect(lossesOfRecord(record)).toEqual([]);
  });
});
