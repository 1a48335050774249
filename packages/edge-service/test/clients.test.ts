import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answersOf, FLOWS, openShippedModel, scoreRequest, serviceOf, toLines } from "./post-flows.ts";

const scorer = await openShippedModel();
const LINE = new TextEncoder().encode(toLines(FLOWS.slice(0, 1)));

/** A body that sends one flow and then stands still until it is let go on. */
function heldBody(): { readonly body: ReadableStream<Uint8Array>; finish(): void } {
  let finish = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(LINE);
      finish = () => controller.close();
    },
  });
  return { body, finish };
}

/** A body of pieces with a pause before each, as long as somebody reads it. */
function paced(
  piece: Uint8Array,
  milliseconds: number,
  times = Number.POSITIVE_INFINITY,
): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        if (sent++ < times) controller.enqueue(piece);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function problemAtTheEnd(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  return (await answersOf(response)).at(-1)?.["error"];
}

describe("a request's time", () => {
  const IDLE = 20;

  test("a body that trickles, whole records and never still for long, comes to an end", async () => {
    const service = serviceOf(scorer, { limits: { idleSeconds: IDLE, requestSeconds: 0.5 } });
    const whole = await service.fetch(scoreRequest(paced(LINE, 40)));
    expect(await problemAtTheEnd(whole)).toMatchObject({
      type: "urn:oddflow:problem:too-slow",
      status: 408,
      detail: expect.stringContaining("0.5 s in all"),
    });
    // Before the status is known: records that cannot be scored, and bytes that make none.
    for (const piece of ['{"dur":"x"}\n', " ", "[", "\n"]) {
      const refused = await service.fetch(scoreRequest(paced(new TextEncoder().encode(piece), 40)));
      expect(refused.status).toBe(408);
    }
    const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
    expect(metrics).toContain('oddflow_answers_cut_total{problem="too-slow"} 1\n');
    expect(metrics).toContain('oddflow_http_requests_refused_total{problem="too-slow"} 4\n');
    expect(metrics).toContain("oddflow_requests_in_flight 0\n");
  });

  test("an answer that is taken in drops comes to an end too", async () => {
    const service = serviceOf(scorer, { limits: { idleSeconds: IDLE, requestSeconds: 0.5, batch: 1 } });
    const many = toLines(Array.from({ length: 2000 }, () => ({ dur: 1 })));
    const answer = await service.fetch(scoreRequest(many));
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const drops = async (): Promise<never> => {
      for (;;) {
        if ((await reader.read()).done) throw new Error("all of it was taken");
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    };
    await expect(drops()).rejects.toThrow("taken too slowly");
    const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
    expect(metrics).toContain('oddflow_answers_cut_total{problem="untaken"} 1\n');
  });

  test("a large body that keeps coming takes as long as it takes", async () => {
    const service = serviceOf(scorer, { limits: { idleSeconds: IDLE, requestSeconds: 0.5 } });
    // Four seconds' worth of bytes twenty times, and a pause before each: longer in all than a request may wait.
    const piece = new TextEncoder().encode(`{"dur":1,"note":"${"x".repeat(64 * 1024)}"}\n`);
    const answers = await answersOf(await service.fetch(scoreRequest(paced(piece, 60, 20))));
    expect(answers).toHaveLength(20);
    expect(answers.every((answer) => "score" in answer)).toBe(true);
  });
});

describe("a client's share of what is answered at the same time", () => {
  test("one client that takes all it can get leaves the others theirs", async () => {
    const service = serviceOf(scorer, { limits: { requests: 8, requestsPerClient: 2 } });
    const held = Array.from({ length: 8 }, heldBody);
    const statuses = [];
    for (const { body } of held) {
      const response = await service.fetch(scoreRequest(body), { client: "192.0.2.1" });
      statuses.push(response.status);
      if (response.status === 200) continue;
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.json()).toMatchObject({
        type: "urn:oddflow:problem:client-limit",
        detail: expect.stringContaining("192.0.2.1"),
      });
    }
    expect(statuses).toEqual([200, 200, ...new Array(6).fill(429)]);
    const other = await service.fetch(scoreRequest(toLines(FLOWS)), { client: "192.0.2.2" });
    expect(await answersOf(other)).toHaveLength(FLOWS.length);
    const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
    expect(metrics).toContain('oddflow_http_requests_refused_total{problem="client-limit"} 6\n');
    for (const { finish } of held) finish();
  });

  test("a client is an IPv4 address or an IPv6 network, however it is written; nobody is one where nobody is told", async () => {
    const status = async (first: unknown, second: unknown): Promise<number> => {
      const service = serviceOf(scorer, { limits: { requests: 8, requestsPerClient: 1 } });
      const held = heldBody();
      // Bun, Deno and workerd call `fetch` with something of their own.
      await service.fetch(scoreRequest(held.body), first as object);
      const response = await service.fetch(scoreRequest(toLines(FLOWS)), second as object);
      await response.text();
      held.finish();
      return response.status;
    };
    const of = (client: string) => ({ client });
    for (const [first, second] of [
      ["192.0.2.1", "::ffff:192.0.2.1"],
      ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
      ["2001:DB8:0:0:1::", "2001:db8::5"],
      ["::1", "0:0:0:0:0:0:0:1"],
      ["fe80::1%eth0", "fe80::2"],
      ["key:a", "key:a"],
    ] as const) {
      expect([first, second, await status(of(first), of(second))]).toEqual([first, second, 429]);
    }
    for (const [first, second] of [
      ["192.0.2.1", "192.0.2.2"],
      ["192.0.2.1", "2001:db8::1"],
      ["2001:db8:1:2::1", "2001:db8:1:3::1"],
      ["key:a", "key:b"],
      ["KEY", "key"],
    ] as const) {
      expect([first, second, await status(of(first), of(second))]).toEqual([first, second, 200]);
    }
    for (const own of [undefined, {}, { client: undefined }, { client: { fetch() {} } }]) {
      expect(await status(own, own)).toBe(200);
    }
  });

  test("whoever comes, goes and gives up in whatever order, the limits hold and nobody is refused without need", async () => {
    const step = fc.record({
      client: fc.integer({ min: 0, max: 3 }),
      does: fc.constantFrom("ask", "ask", "ask", "finish", "abandon"),
      which: fc.nat(20),
    });
    const limits = fc.record({
      requests: fc.integer({ min: 1, max: 6 }),
      requestsPerClient: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 25 }), async (most, steps) => {
        const service = serviceOf(scorer, { limits: most });
        const open: { client: number; response: Response; finish(): void }[] = [];
        for (const { client, does, which } of steps) {
          const [one] = does === "ask" ? [] : open.splice(which % Math.max(1, open.length), 1);
          if (does === "ask") {
            const { body, finish } = heldBody();
            const own = open.filter((each) => each.client === client).length;
            const response = await service.fetch(scoreRequest(body), { client: `192.0.2.${client}` });
            const hasRoom = open.length < most.requests && own < most.requestsPerClient;
            expect(response.status).toBe(hasRoom ? 200 : 429);
            if (hasRoom) open.push({ client, response, finish });
          } else if (does === "finish") {
            one?.finish();
            await one?.response.text();
          } else {
            await one?.response.body?.cancel();
          }
          const metrics = await (await service.fetch(new Request("http://service/metrics"))).text();
          expect(metrics).toContain(`oddflow_requests_in_flight ${open.length}\n`);
        }
        await Promise.all(open.map(({ response }) => response.body?.cancel()));
        await service.drain();
      }),
      { numRuns: 40 },
    );
  });

  test("is a quarter of all, unless it is said; and pauses may take twice as long in all as one of them", async () => {
    const described = async (limits: object): Promise<string> => {
      const service = serviceOf(scorer, { limits });
      const { info } = await (await service.fetch(new Request("http://service/openapi.json"))).json();
      return info.description;
    };
    expect(await described({})).toContain("64 are answered at a time, 16 of one client");
    expect(await described({ requests: 3 })).toContain("3 are answered at a time, 1 of one client");
    expect(await described({})).toContain("by 60 s");
    expect(await described({ idleSeconds: 300 })).toContain("by 600 s");
    for (const wrong of [{ requestsPerClient: 0 }, { requestsPerClient: 1.5 }, { requestSeconds: 0 }]) {
      expect(() => serviceOf(scorer, { limits: wrong })).toThrow(RangeError);
    }
  });
});
