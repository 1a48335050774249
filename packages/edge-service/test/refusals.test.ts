import { describe, expect, test, vi } from "vitest";
import {
  answersOf,
  FLOWS,
  inPieces,
  JSON_ARRAY,
  NDJSON,
  openShippedModel,
  type Post,
  post,
  scoreRequest,
  serviceOf,
  toLines,
} from "./post-flows.ts";

const scorer = await openShippedModel();
const lines = toLines(FLOWS);
const TOKEN = "s3cret-token";

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem["status"]).toBe(response.status);
  return problem;
}

async function problemAtTheEnd(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  return (await answersOf(response)).at(-1)?.["error"];
}

describe("a request that cannot be answered gets a status and says what to do", () => {
  const service = serviceOf(scorer);
  test.each<[status: number, kind: string, body: string, options: Post, detail: RegExp]>([
    [400, "unreadable-body", "hello\nworld\n", {}, /line 1: hello found, JSON expected/],
    [400, "unreadable-body", '{"dur":1}', { type: JSON_ARRAY }, /no JSON array.*application\/x-ndjson/],
    [400, "unreadable-body", "", { type: JSON_ARRAY }, /empty/],
    [400, "unreadable-body", "[", { type: JSON_ARRAY }, /cut short/],
    [400, "unreadable-body", "", { type: "text/csv" }, /first row/],
    [
      400,
      "unreadable-body",
      'dur\n"1\n',
      { type: "text/csv", query: "?missing=allow" },
      /line 2 opens a quote/,
    ],
    [400, "wrong-query", lines, { query: "?missing=allow" }, /missing is for CSV/],
    [400, "wrong-query", "dur\n1\n", { type: "text/csv", query: "?missing=1" }, /expected "allow"/],
    [
      422,
      "missing-columns",
      "dur\n1\n",
      { type: "text/csv" },
      /lacks 32 of the model's 33 columns: .*missing=allow/,
    ],
    [
      422,
      "missing-columns",
      "a,b\n1,2\n",
      { type: "text/csv", query: "?missing=allow" },
      /lacks 33 .*use a model/,
    ],
    [422, "missing-columns", "1,2\n3,4\n", { type: "text/csv" }, /holds values and no names/],
    [400, "wrong-query", lines, { query: "?reason=1" }, /no "reason"; there are/],
    [400, "wrong-query", lines, { query: "?reasons=1.5" }, /whole number/],
    [400, "wrong-query", lines, { query: "?reasons=34" }, /"34"/],
    [400, "wrong-query", lines, { query: "?budget=2" }, /from 0 to 1/],
    [400, "wrong-query", lines, { query: "?threshold=" }, /a number/],
    [400, "wrong-query", lines, { query: "?budget=0.1&threshold=1" }, /give one/],
    [400, "wrong-query", lines, { query: "?budget=0.1&budget=0.2" }, /twice/],
    [406, "not-acceptable", lines, { headers: { accept: "text/html" } }, /application\/json or/],
    [413, "too-large", lines, { headers: { "content-length": "67108865" } }, /67108864 bytes/],
    [415, "unsupported-type", lines, { type: "text/plain" }, /"text\/plain"; expected one of/],
    [415, "unsupported-type", lines, { type: `${NDJSON}; charset=latin1` }, /charset=latin1/],
    [415, "unsupported-type", lines, { headers: { "content-encoding": "gzip" } }, /gzip/],
    [422, "unusable-records", toLines([{ dur: "x" }, 5]), {}, /line 1, column "dur": "x" found/],
    [422, "unusable-records", toLines([{ duration: 1 }, {}]), {}, /none of the model's 33 columns/],
    [
      422,
      "unusable-records",
      "dur\nx\n",
      { type: "text/csv", query: "?missing=allow" },
      /record 0, column "dur"/,
    ],
  ])("%i %s: %j %j", async (status, kind, body, options, detail) => {
    const problem = await problemOf(await post(service, body, options));
    expect(problem).toMatchObject({
      status,
      type: `urn:oddflow:problem:${kind}`,
      detail: expect.stringMatching(detail),
    });
    // And it answers the next one.
    expect(await answersOf(await post(service, lines))).toHaveLength(FLOWS.length);
  });

  test("for what is not there, and for a method that is none of its own", async () => {
    const nowhere = await service.fetch(new Request("http://service/scores", { method: "POST" }));
    expect(await problemOf(nowhere)).toMatchObject({ status: 404 });
    const wrong = await service.fetch(new Request("http://service/score"));
    expect(wrong.headers.get("allow")).toBe("POST");
    expect(await problemOf(wrong)).toMatchObject({ status: 405 });
    const posted = await service.fetch(new Request("http://service/model", { method: "POST", body: "{}" }));
    expect(posted.headers.get("allow")).toBe("GET, HEAD");
    expect((await service.fetch(new Request("http://service/healthz", { method: "HEAD" }))).status).toBe(200);
  });

  test("after a thousand records that cannot be used, whatever follows", async () => {
    const many = toLines(Array.from({ length: 1024 }, () => ({ dur: "x" })));
    const problem = await problemOf(await post(service, many + lines));
    expect(problem).toMatchObject({ status: 422 });
    expect(problem["rejected"]).toHaveLength(10);
    const one = await answersOf(await post(service, many.slice(many.indexOf("\n") + 1) + lines));
    expect(one).toHaveLength(1023 + FLOWS.length);
  });
});

describe("limits", () => {
  const limits = { bodyBytes: 20_000, recordBytes: 400, records: 50, batch: 10 };
  const service = serviceOf(scorer, { limits });

  test("before the first record that can be scored, the status tells", async () => {
    const long = `{"note":"${"x".repeat(400)}"}`;
    for (const [body, type] of [
      [long, NDJSON],
      [`[${long}]`, JSON_ARRAY],
      [`dur,note\n1,${long}`, "text/csv"],
      [`dur,note\n1,"${"x\n".repeat(800)}`, "text/csv"],
      [long.repeat(100), NDJSON],
      ["x".repeat(30_000), NDJSON],
    ] as const) {
      expect(
        await problemOf(
          await post(service, inPieces([new TextEncoder().encode(body)]), {
            type,
            ...(type === "text/csv" ? { query: "?missing=allow" } : {}),
          }),
        ),
      ).toMatchObject({
        status: 413,
        type: "urn:oddflow:problem:too-large",
      });
    }
  });

  test("after it, the answer's last record does, and what came before is scored", async () => {
    const flow = JSON.stringify({ dur: 1 });
    const many = await post(service, toLines(Array.from({ length: 51 }, () => ({ dur: 1 }))));
    const answers = await answersOf(many);
    expect(answers).toHaveLength(51);
    expect(answers.slice(0, 50).every((answer) => "score" in answer)).toBe(true);
    expect(answers[50]?.["error"]).toMatchObject({
      status: 413,
      detail: expect.stringContaining("more than 50 records"),
    });

    const long = `[${flow},${flow},{"note":"${"x".repeat(400)}"}]`;
    const answer = await answersOf(await post(service, long, { type: JSON_ARRAY }));
    expect(answer.map((each) => Object.keys(each)[0])).toEqual(["score", "score", "error"]);

    const pieces = Array.from({ length: 30 }, () =>
      new TextEncoder().encode(`${flow}${" ".repeat(380)}${"\n".repeat(20)}`.repeat(2)),
    );
    expect(await problemAtTheEnd(await post(service, inPieces(pieces)))).toMatchObject({
      status: 413,
      detail: expect.stringContaining("more than 20000 bytes"),
    });
  });

  test("that cannot be are refused", () => {
    for (const wrong of [{ batch: 0 }, { records: 1.5 }, { idleSeconds: Number.NaN }]) {
      expect(() => serviceOf(scorer, { limits: wrong })).toThrow(RangeError);
    }
    expect(() => serviceOf(scorer, { token: "" })).toThrow(RangeError);
    expect(() => serviceOf(scorer, { threshold: Number.NaN })).toThrow(RangeError);
  });
});

test("an array that breaks off is told at its end", async () => {
  const cut = await post(serviceOf(scorer), `[${JSON.stringify(FLOWS[0])},`, { type: JSON_ARRAY });
  expect(await problemAtTheEnd(cut)).toMatchObject({
    detail: expect.stringContaining("cut short behind 1 records"),
  });
});

describe("a bearer token", () => {
  const service = serviceOf(scorer, { token: TOKEN });
  const get = (path: string, headers = {}) =>
    service.fetch(new Request(`http://service${path}`, { headers }));

  test("is asked for everywhere but by /healthz and /openapi.json", async () => {
    for (const authorization of [
      "",
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Basic ${TOKEN}`,
      "Bearer",
    ]) {
      const headers = authorization === "" ? {} : { authorization };
      for (const path of ["/model", "/metrics", "/nowhere"]) {
        const refused = await get(path, headers);
        expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
        const problem = await problemOf(refused);
        expect(problem).toMatchObject({ status: 401 });
        expect(JSON.stringify(problem)).not.toContain(TOKEN);
      }
      expect((await post(service, lines, { headers })).status).toBe(401);
      expect((await get("/healthz", headers)).status).toBe(200);
      expect((await get("/openapi.json", headers)).status).toBe(200);
    }
  });

  test("opens the rest", async () => {
    const headers = { authorization: `bearer ${TOKEN}` };
    expect((await get("/model", headers)).status).toBe(200);
    expect(await answersOf(await post(service, lines, { headers }))).toHaveLength(FLOWS.length);
  });
});

describe("more than it can do", () => {
  /** A body that sends one flow and then nothing. */
  const standing = (onCancel = () => {}): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(toLines(FLOWS.slice(0, 1)))),
      cancel: onCancel,
    });

  test("is refused with 429 until a request has its answer or gives it up", async () => {
    const service = serviceOf(scorer, { limits: { requests: 2 } });
    const first = await post(service, standing());
    const second = await post(service, standing());
    const refused = await post(service, lines);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await problemOf(refused)).toMatchObject({ status: 429 });
    // Who asks how it is has an answer all the same.
    expect((await service.fetch(new Request("http://service/healthz"))).status).toBe(200);
    await first.body?.cancel();
    expect(await answersOf(await post(service, lines))).toHaveLength(FLOWS.length);
    await second.body?.cancel();
  });

  test("a client that sends no more, or takes no more, is cut off and its place given to others", async () => {
    const service = serviceOf(scorer, { limits: { requests: 1, idleSeconds: 0.2 } });
    const nothing = await post(service, new ReadableStream());
    expect(await problemOf(nothing)).toMatchObject({ status: 408, detail: expect.stringContaining("0.2 s") });
    expect(await problemAtTheEnd(await post(service, standing()))).toMatchObject({ status: 408 });

    const cancelled = vi.fn();
    const untaken = await post(service, standing(cancelled));
    const reader = (untaken.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled(), { timeout: 5000 });
    await expect(reader.read()).rejects.toThrow("0.2 s");
    const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
    expect(metrics).toContain('oddflow_answers_cut_total{problem="untaken"} 1\n');
    expect(await answersOf(await post(service, lines))).toHaveLength(FLOWS.length);
  });

  test("a body that is cut off is no end of the service", async () => {
    const service = serviceOf(scorer, { limits: { requests: 1 } });
    const cut = (error: Error): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull(controller) {
          if (error.message === "first") controller.error(error);
          else controller.enqueue(new TextEncoder().encode(toLines(FLOWS.slice(0, 1))));
          error.message = "first";
        },
      });
    expect(await problemOf(await post(service, cut(new Error("first"))))).toMatchObject({ status: 400 });
    expect(await problemAtTheEnd(await post(service, cut(new Error("second"))))).toMatchObject({
      type: "urn:oddflow:problem:cut-body",
    });
    expect(await answersOf(await post(service, lines))).toHaveLength(FLOWS.length);
  });
});

describe("before it can score, and when it is about to end", () => {
  test("it says so with 503", async () => {
    let open: (opened: typeof scorer) => void = () => {};
    const service = serviceOf(
      new Promise<typeof scorer>((resolve) => {
        open = resolve;
      }),
    );
    const health = async () => {
      const response = await service.fetch(new Request("http://service/healthz"));
      return [response.status, await response.json()];
    };
    expect(await health()).toEqual([503, { status: "loading" }]);
    expect(await problemOf(await post(service, lines))).toMatchObject({ status: 503 });
    expect((await service.fetch(new Request("http://service/model"))).status).toBe(503);
    expect((await service.fetch(new Request("http://service/metrics"))).status).toBe(200);
    open(scorer);
    await vi.waitFor(async () => expect(await health()).toEqual([200, { status: "ok" }]));

    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode(lines));
    const asked = await post(service, readable);
    let isDrained = false;
    const drained = service.drain().then(() => {
      isDrained = true;
    });
    expect(await health()).toEqual([503, { status: "draining" }]);
    const refused = await service.fetch(scoreRequest(lines));
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await problemOf(refused)).toMatchObject({ status: 503 });
    expect(isDrained).toBe(false);
    void writer.close();
    expect(await answersOf(asked)).toHaveLength(FLOWS.length);
    await drained;
  });

  test("it is drained when nothing runs in the model any more, also for clients that have gone", async () => {
    const calls: string[] = [];
    const slow = Object.create(scorer, {
      columns: { value: scorer.columns },
      thresholds: { value: scorer.thresholds },
      score: {
        value: async (...parameters: Parameters<typeof scorer.score>) => {
          calls.push("begun");
          await new Promise((resolve) => setTimeout(resolve, 100));
          const scores = await scorer.score(...parameters);
          calls.push("done");
          return scores;
        },
      },
    }) as typeof scorer;
    const service = serviceOf(slow, { limits: { batch: 1 } });
    const response = await post(service, lines);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    // The next part has been asked for when the client goes.
    void reader.read();
    await vi.waitFor(() => expect(calls).toHaveLength(3));
    await reader.cancel();
    await service.drain();
    expect(calls).toEqual(["begun", "done", "begun", "done"]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(calls).toHaveLength(4);
  });

  test("it stays at 503 where the model cannot be loaded", async () => {
    const service = serviceOf(Promise.reject(new Error("no model")));
    await vi.waitFor(async () => {
      const health = await service.fetch(new Request("http://service/healthz"));
      expect(await health.json()).toEqual({ status: "failed" });
    });
    expect(await problemOf(await post(service, lines))).toMatchObject({ status: 503 });
  });
});
