import { describe, expect, test } from "vitest";
import {
  answersOf,
  FLOWS,
  inPieces,
  JSON_ARRAY,
  NDJSON,
  openShippedModel,
  post,
  serviceOf,
  toLines,
} from "./post-flows.ts";

const scorer = await openShippedModel();
const service = serviceOf(scorer);
const { scores } = await scorer.score(FLOWS);

function expectScores(answers: readonly Record<string, unknown>[], wanted: ArrayLike<number>): void {
  expect(answers).toHaveLength(wanted.length);
  answers.forEach(({ score }, row) => {
    expect(Math.abs(Number(score) - (wanted[row] as number))).toBeLessThanOrEqual(
      1e-5 * Math.max(1, wanted[row] as number),
    );
  });
}

const CSV_COLUMNS = ["note", "protocol", "dur", "sbytes", "service", "extra"] as const;
const CSV_ROWS = [
  ['"a, ""b""\nc"', "tcp", "0.5", "1200", "http", ""],
  ["", "udp", " 1e-3 ", "-", '"dns"', "1"],
  ["x", "", "", "", "", ""],
];
const CSV_RECORDS = [
  { protocol: "tcp", dur: 0.5, sbytes: 1200, service: "http" },
  { protocol: "udp", dur: 0.001, service: "dns" },
  {},
];

describe("flows get the scores that the scorer gives them", () => {
  test("as lines of JSON", async () => {
    const response = await post(service, toLines(FLOWS));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, NDJSON]);
    const answers = await answersOf(response);
    expectScores(answers, scores);
    const threshold = scorer.thresholds.forBudget(0.01);
    for (const { score, is_anomaly, probability, ...rest } of answers) {
      expect(is_anomaly).toBe(Number(score) >= threshold);
      expect(probability).toBe(scorer.thresholds.rarityOf(Number(score)));
      expect(rest).toEqual({});
    }
  });

  test("as a JSON array, compact or not", async () => {
    for (const body of [JSON.stringify(FLOWS), `\ufeff ${JSON.stringify(FLOWS, null, 2)}\n `]) {
      const response = await post(service, body, { type: JSON_ARRAY });
      expect([response.status, response.headers.get("content-type")]).toEqual([200, JSON_ARRAY]);
      expectScores(await answersOf(response), scores);
    }
  });

  test.each([",", ";", "\t", "|"])(
    "as CSV whose delimiter is %j, with quotes and either line end",
    async (delimiter) => {
      const { scores: wanted } = await scorer.score(CSV_RECORDS);
      for (const lineEnd of ["\n", "\r\n"]) {
        const body = [CSV_COLUMNS, ...CSV_ROWS].map((row) => row.join(delimiter) + lineEnd).join("");
        for (const text of [body, body.slice(0, -lineEnd.length), `\ufeff${body}${lineEnd}`]) {
          expectScores(
            await answersOf(
              await post(service, text, { type: "text/csv; charset=utf-8", query: "?missing=allow" }),
            ),
            wanted,
          );
        }
      }
    },
  );

  test("more flows than are scored at once, in the order in which they came", async () => {
    const flows = Array.from({ length: 3000 }, (_, row) => ({ ...FLOWS[row % FLOWS.length], dur: row / 7 }));
    const { scores: wanted } = await scorer.score(flows);
    expectScores(await answersOf(await post(service, toLines(flows))), wanted);
    expectScores(await answersOf(await post(service, JSON.stringify(flows), { type: JSON_ARRAY })), wanted);
  });

  test("none at all", async () => {
    expect(await answersOf(await post(service, "[ ]", { type: JSON_ARRAY }))).toEqual([]);
    expect(await answersOf(await post(service, "\n \r\n", { type: NDJSON }))).toEqual([]);
    expect(
      await answersOf(await post(service, "dur,sbytes\n", { type: "text/csv", query: "?missing=allow" })),
    ).toEqual([]);
  });

  test("in the type that is accepted", async () => {
    const accept = (accepted: string) => post(service, toLines(FLOWS), { headers: { accept: accepted } });
    for (const [accepted, type] of [
      ["*/*", NDJSON],
      ["application/json", JSON_ARRAY],
      ["text/html, application/*;q=0.5", NDJSON],
      ["application/json;q=0.1, application/x-ndjson;q=0.9", NDJSON],
      ["application/json, application/x-ndjson;q=0.9", JSON_ARRAY],
    ] as const) {
      const response = await accept(accepted);
      expect(response.headers.get("content-type"), accepted).toBe(type);
      expectScores(await answersOf(response), scores);
    }
  });
});

describe("what a request may ask for", () => {
  test("a budget or a threshold decides what an anomaly is", async () => {
    for (const [query, threshold] of [
      ["?budget=0.2", scorer.thresholds.forBudget(0.2)],
      ["?threshold=2.5", 2.5],
      ["", 4],
    ] as const) {
      const answers = await answersOf(
        await post(serviceOf(scorer, { threshold: 4 }), toLines(FLOWS), { query }),
      );
      expect(answers.map((answer) => answer["is_anomaly"])).toEqual(
        Array.from(scores, (score) => score >= threshold),
      );
    }
  });

  test("reasons, for anomalies only, as the scorer explains them", async () => {
    const answers = await answersOf(await post(service, toLines(FLOWS), { query: "?reasons=2&threshold=4" }));
    const explained = await scorer.explain(FLOWS, { top: 2 });
    let anomalies = 0;
    answers.forEach((answer, row) => {
      if (answer["is_anomaly"] !== true) {
        expect(answer["reasons"]).toBeNull();
        return;
      }
      anomalies++;
      const wanted = explained[row]?.reasons.map(({ name, text, seen }) => ({ name, text, seen }));
      expect(answer["reasons"]).toMatchObject(wanted ?? []);
      expect(answer["reasons"]).toHaveLength(2);
    });
    expect(anomalies).toBeGreaterThan(0);
    expect(anomalies).toBeLessThan(FLOWS.length);
  });
});

describe("a record that cannot be scored", () => {
  const bad = { dur: "soon" };

  test("is rejected by name in its place, and the others are scored", async () => {
    const lines = `${toLines(FLOWS.slice(0, 1))}\n${JSON.stringify(bad)}\n{"dur":\n[1]\n5\n{"dur":1}{}\n${toLines(FLOWS.slice(1))}`;
    const answers = await answersOf(await post(service, lines));
    expectScores(
      [answers[0], ...answers.slice(6)].map((answer) => answer ?? {}),
      scores,
    );
    expect(answers.slice(1, 6).map((answer) => answer["rejected"])).toEqual([
      expect.objectContaining({ row: 1, line: 3, column: "dur", found: '"soon"', expected: "a number" }),
      expect.objectContaining({
        row: 2,
        line: 4,
        code: "RECORD_INVALID",
        found: '{"dur":',
        expected: "JSON",
      }),
      expect.objectContaining({ row: 3, line: 5, found: "a list", expected: "an object" }),
      expect.objectContaining({ row: 4, line: 6, found: "a number", expected: "an object" }),
      expect.objectContaining({ row: 5, line: 7, found: '{"dur":1}{}', expected: "JSON" }),
    ]);
    expect(answers[1]?.["rejected"]).toMatchObject({
      message: 'line 3, column "dur": "soon" found, a number expected',
    });
  });

  test("also in an array and in CSV", async () => {
    const array = `[${JSON.stringify(FLOWS[0])}, ${JSON.stringify(bad)} ,nonsense, null, ${JSON.stringify(FLOWS[1])}]`;
    const answers = await answersOf(await post(service, array, { type: JSON_ARRAY }));
    expect(answers.map((answer) => Object.keys(answer)[0])).toEqual([
      "score",
      "rejected",
      "rejected",
      "rejected",
      "score",
    ]);
    expect(answers[2]?.["rejected"]).toMatchObject({ row: 2, found: "nonsense", expected: "JSON" });
    const rows = await answersOf(
      await post(service, "dur,sbytes\n1,2\n1\nx,2\n1,2", { type: "text/csv", query: "?missing=allow" }),
    );
    expect(rows.map((answer) => Object.keys(answer)[0])).toEqual(["score", "rejected", "rejected", "score"]);
    expect(rows[1]?.["rejected"]).toMatchObject({ row: 1, found: "1 cells", expected: "2 cells" });
    expect(rows[2]?.["rejected"]).toMatchObject({ row: 2, column: "dur", found: '"x"' });
  });

  test("makes no score of those that are beside it", async () => {
    const many = Array.from({ length: 900 }, (_, row) => (row % 2 ? bad : { dur: row }));
    const good = many.filter((record) => record !== bad);
    const answers = await answersOf(await post(service, toLines(many)));
    expect(answers).toHaveLength(many.length);
    const scored = answers.filter((answer) => "score" in answer);
    expectScores(scored, (await scorer.score(good)).scores);
  });
});

test("answers come before the body has ended, and no further than somebody takes them", async () => {
  const line = new TextEncoder().encode(toLines(FLOWS.slice(0, 1)).repeat(1024));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        sent++;
        controller.enqueue(line);
      },
    },
    { highWaterMark: 0 },
  );
  const response = await post(service, body);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  const before = sent;
  // Whoever ran ahead would send without end here.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sent).toBe(before);
  // What is scored, and as much again.
  expect(before * line.length).toBeLessThan(1e6);
  for (let part = 0; part < 5; part++) expect((await reader.read()).done).toBe(false);
  expect(sent).toBeLessThanOrEqual(before + 6);
  await reader.cancel();
  const stopped = sent;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toBe(stopped);
});

test("a record is scored when it comes, though the stream stays open", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const send = (row: number) => writer.write(new TextEncoder().encode(toLines(FLOWS.slice(row, row + 1))));
  void send(0);
  const response = await post(service, readable);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let row = 0; row < 3; row++) {
    if (row > 0) void send(row);
    const { value } = await reader.read();
    expectScores([JSON.parse(new TextDecoder().decode(value))], scores.slice(row, row + 1));
  }
  void writer.close();
  while (!(await reader.read()).done);
});

test("bytes may come one by one", async () => {
  const bytes = new TextEncoder().encode(toLines(FLOWS));
  const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
  expectScores(await answersOf(await post(service, inPieces(pieces))), scores);
});
