import { join } from "node:path";
import { createScoringService, DEFAULT_LIMITS, type ScoringService } from "@oddflow/edge-service";
import { createScorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { readModel } from "../src/read-model.ts";
import { ServingThreads } from "../src/serve/serving-threads.ts";
import { MODEL, temporaryFolder } from "./run-cli.ts";

const model = await readModel(MODEL, undefined);
const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
// Small batches and parts of small records, so that a few make many.
const limits = { ...DEFAULT_LIMITS, batch: 16 };
const start = { model, provider: "cpu" as const, limits };
const opened: ServingThreads[] = [];
afterAll(async () => {
  await Promise.all(opened.map((threads) => threads.end()));
  await scorer.close();
});

interface Started {
  readonly service: ScoringService;
  readonly threads: ServingThreads;
  /** What was said of threads that ended. */
  readonly lost: string[];
}

/**
 * A service whose records are scored in threads.
 * @param program of another kind of thread, as JavaScript
 * @param bytes what the threads get as their model
 * @param takesFew whether few flows are scored in this thread
 */
async function serve(
  count: number,
  program?: string,
  bytes: Uint8Array = model,
  takesFew: boolean = program === undefined,
): Promise<Started> {
  const lost: string[] = [];
  const threads = await ServingThreads.start({
    start: { ...start, model: bytes },
    threads: count,
    ...(takesFew ? { scorer } : {}),
    onLost: (problem) => lost.push(problem),
    ...(program === undefined ? {} : { program: programOf(program) }),
  });
  opened.push(threads);
  return { service: createScoringService(scorer, { limits, scoring: threads }), threads, lost };
}

function programOf(script: string): URL {
  return new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from "node:worker_threads"; ${script}`)}`,
  );
}

/** Of a thread that answers orders to score by `score(order, say)`, where `say` takes the answer's text. */
function answering(score: string): string {
  return `
    const counts = { flows: 0, alerts: 0, suppressed: new Map(), missing: 0, unseen: new Map(), rejected: new Map(), batchSeconds: [] };
    const score = ${score};
    parentPort.on("message", (message) => {
      if (message === "end") return parentPort.close();
      const { number, order } = message;
      if (order.kind !== "score") return parentPort.postMessage({ number, answer: undefined });
      score(order, (text) => parentPort.postMessage({ number, answer: { part: {
        answer: new TextEncoder().encode(text), records: 1, hasBegun: true, counts,
        wants: order.isLast ? "nothing" : "bytes",
      } } }));
    });`;
}

function post(service: ScoringService, body: string, query = ""): Promise<Response> {
  const headers = { "content-type": "application/x-ndjson" };
  return service.fetch(new Request(`http://service/score${query}`, { method: "POST", headers, body }));
}

const get = (service: ScoringService, path: string): Promise<Response> =>
  service.fetch(new Request(`http://service${path}`));

/** What is counted of flows, sorted by name. */
async function counted(service: ScoringService): Promise<string[]> {
  const text = await (await get(service, "/metrics")).text();
  const isCount = /^oddflow_(flows|alerts|rejected|unseen|missing)/;
  return text
    .split("\n")
    .filter((line) => isCount.test(line))
    .sort();
}

const record = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      protocol: fc.constantFrom("tcp", "udp", "gopher"),
      dur: fc.nat(90),
      sbytes: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ dur: "soon" }, {}, 5) },
);
const request = fc.record({
  body: fc
    .array(record, { maxLength: 60 })
    .map((records) => records.map((each) => `${JSON.stringify(each)}\n`).join("")),
  query: fc.constantFrom("", "?threshold=2", "?reasons=2&budget=0.2"),
});

describe("answers of any number of threads", () => {
  test("are those of one thread that does all, byte for byte, and are counted once", async () => {
    const services = (await Promise.all([serve(1), serve(3), serve(2, undefined, model, false)])).map(
      ({ service }) => service,
    );
    const alone = createScoringService(scorer, { limits });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 12 }), async (requests) => {
        const answersOf = (service: ScoringService): Promise<[number, string][]> =>
          Promise.all(
            requests.map(async ({ body, query }) => {
              const answer = await post(service, body, query);
              return [answer.status, await answer.text()] as [number, string];
            }),
          );
        const wanted = await answersOf(alone);
        for (const service of services) expect(await answersOf(service)).toEqual(wanted);
      }),
      { numRuns: 16 },
    );
    const wanted = await counted(alone);
    expect(wanted.length).toBeGreaterThan(3);
    for (const service of services) expect(await counted(service)).toEqual(wanted);
  });
});

describe("while every thread is busy", () => {
  test("the service says how it is and what it has counted, and scores a few flows", async () => {
    // A thread that is in the model hears and says nothing.
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const blocked =
      "(_, say) => { Atomics.wait(new Int32Array(workerData.model.buffer), 0, 0); say('scored'); }";
    const { service } = await serve(2, answering(blocked), new Uint8Array(gate.buffer), true);
    const large = `{"dur":1,"note":"${"x".repeat(5000)}"}\n`;
    const answers = [1, 2, 3, 4].map(() => post(service, large));
    const isAnswered = vi.fn();
    for (const answer of answers) void answer.then(isAnswered);
    await vi.waitFor(async () => {
      expect(await (await get(service, "/metrics")).text()).toContain("oddflow_requests_in_flight 4\n");
    });
    expect(await (await get(service, "/healthz")).json()).toEqual({ status: "ok" });
    expect((await get(service, "/model")).status).toBe(200);
    const few = await post(service, '{"dur":1}\n');
    expect([few.status, JSON.parse(await few.text())]).toEqual([
      200,
      expect.objectContaining({ score: expect.any(Number) }),
    ]);
    // Explaining takes longer, and waits for its thread.
    answers.push(post(service, '{"dur":1}\n', "?reasons=1"));
    void answers.at(-1)?.then(isAnswered);
    expect(isAnswered).not.toHaveBeenCalled();
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
  });

  test("a request of few flows does not queue behind larger ones", async () => {
    // Answers each part by its place in the order in which the parts came.
    const { service } = await serve(
      1,
      answering("(() => { let place = 0; return (order, say) => setTimeout(say, 1, [place++, '']); })()"),
    );
    const large = `{"note":"${"x".repeat(900)}"}\n`.repeat(200);
    const heavy = Array.from({ length: 6 }, () => post(service, large));
    const answers = await Promise.all([post(service, '{"dur":1}\n'), ...heavy]);
    const [few, ...many] = await Promise.all(
      answers.map(async (answer) => Number.parseInt(await answer.text(), 10)),
    );
    // The thread has two of the large ones, and the others wait for it.
    expect(few).toBeLessThanOrEqual(2);
    expect(many.filter((place) => place > (few ?? 0)).length).toBeGreaterThanOrEqual(4);
  });
});

describe("a thread that ends in spite of itself", () => {
  const dying = answering(`({ bytes }, say) => {
    if (new TextDecoder().decode(bytes).includes("end")) process.exit(3);
    setTimeout(say, 20, "scored");
  }`);

  test("is replaced, and its requests are told to come again", async () => {
    const { service, lost } = await serve(1, dying);
    const answers = await Promise.all([
      post(service, "first\n"),
      post(service, "end\n"),
      post(service, "third\n"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(answers[1]?.headers.get("retry-after")).toBe("1");
    expect(await answers[1]?.json()).toMatchObject({ type: "urn:oddflow:problem:unavailable" });
    expect(lost).toEqual([expect.stringMatching(/another takes its place$/)]);
    const next = await post(service, "fourth\n");
    expect([next.status, await next.text()]).toEqual([200, expect.stringContaining("scored")]);
    expect(await (await get(service, "/metrics")).text()).toContain("oddflow_requests_in_flight 0\n");
    await service.drain();
  });

  test("and whose place none can take, ends the service with one line", async () => {
    const once = JSON.stringify(join(temporaryFolder(), "begun"));
    const { threads, service } = await serve(
      1,
      `import { existsSync, writeFileSync } from "node:fs";
      if (existsSync(${once})) process.exit(3);
      writeFileSync(${once}, "");
      ${dying}`,
    );
    expect((await post(service, "end\n")).status).toBe(503);
    await expect(threads.failed).rejects.toMatchObject({ code: "WORKER_LOST" });
  });
});

test("a model that a thread cannot open is told as it is", async () => {
  const damaged = { ...start, model: model.subarray(0, 1000) };
  const starting = ServingThreads.start({ start: damaged, threads: 2, onLost: () => {} });
  await expect(starting).rejects.toBeInstanceOf(OddflowError);
});
