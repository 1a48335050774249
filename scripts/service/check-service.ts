import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowRecord } from "@oddflow/preprocessing";
import { findLargestDifference, TOLERANCE } from "../conformance/compare.ts";
import { answersIn, curl, pause, post, RawRequest } from "./ask.ts";
import type { RunningService } from "./service-runtimes.ts";

/** What the service is asked about. */
export interface ServiceQuestions {
  readonly flows: readonly FlowRecord[];
  /** Those of onnxruntime-node. */
  readonly scores: Float32Array;
  readonly folder: string;
  readonly idleSeconds: number;
}

/** One thing that a service must do. */
export interface ServiceCheck {
  readonly name: string;
  /** @returns what is wrong; undefined where nothing is */
  run(service: RunningService, questions: ServiceQuestions): Promise<string | undefined>;
}

const MEGABYTE = 1024 * 1024;
const GOOD = '{"protocol":"tcp","dur":0.5}\n';

/** More clients than the hosts answer at a time. */
const CLIENTS = 12;

export const SERVICE_CHECKS: readonly ServiceCheck[] = [
  {
    name: "the fixture's NDJSON, with curl",
    async run({ url }, { flows, scores, folder }) {
      const text = flows.map((flow) => `${JSON.stringify(flow)}\n`).join("");
      const path = join(folder, "flows.ndjson");
      writeFileSync(path, text);
      const answer = await curl(url, path, text);
      if (answer.status !== 200) return `${answer.status}: ${answer.text.slice(0, 200)}`;
      const found = answersIn(answer).map(({ score }) => (typeof score === "number" ? score : null));
      const difference = findLargestDifference(scores, found);
      return difference <= TOLERANCE ? undefined : `${found.length} scores, off by up to ${difference}`;
    },
  },
  {
    name: "reasons of anomalies in a JSON array",
    async run({ url }, { flows }) {
      const answer = await post(`${url}`, JSON.stringify(flows.slice(0, 200)), "application/json");
      const asked = await fetch(`${url}/score?reasons=2`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(flows.slice(0, 200)),
      });
      const explained = (await asked.json()) as { is_anomaly: boolean; reasons: { text: string }[] | null }[];
      const anomalies = explained.filter(({ is_anomaly }) => is_anomaly);
      const isRight = explained.every(({ is_anomaly, reasons }) => (reasons?.length === 2) === is_anomaly);
      if (answersIn(answer).length !== 200) return `${answer.status}: ${answer.text.slice(0, 200)}`;
      return isRight && anomalies.length > 0
        ? undefined
        : `${anomalies.length} anomalies, reasons are not theirs`;
    },
  },
  {
    name: "what is no JSON is 400",
    run: async ({ url }) => expectStatus(400, await post(url, "this is\nno JSON\n")),
  },
  {
    name: "wrong types are 422, and rejected by name among others",
    async run({ url }) {
      const wrong = '{"protocol":"tcp","dur":"soon"}\n';
      const alone = expectStatus(422, await post(url, wrong));
      const answers = answersIn(await post(url, GOOD + wrong + GOOD));
      const places = answers.map((answer) => Object.keys(answer)[0]).join(" ");
      return alone ?? (places === "score rejected score" ? undefined : `the answers are ${places}`);
    },
  },
  {
    name: "a stranger's host is 421, where hosts are checked",
    async run({ url }) {
      const { paths } = await (await fetch(`${url}/openapi.json`)).json();
      const wanted = paths["/score"].post.responses["421"] === undefined ? 200 : 421;
      const request = await RawRequest.open(url, "Content-Length: 0", "evil.example");
      const answer = await request.received(/\r\n\r\n/, 5);
      request.cut();
      return answer.startsWith(`HTTP/1.1 ${wanted} `) ? undefined : `it is ${answer.slice(0, 80)}`;
    },
  },
  {
    name: "a body of 100 MB that says so is 413",
    async run({ url }) {
      const request = await RawRequest.open(url, `Content-Length: ${100 * MEGABYTE}`);
      const answer = await request.received(/\r\n\r\n[\s\S]*too-large/, 5);
      request.cut();
      return /^HTTP\/1.1 413 /.test(answer) ? undefined : `it is ${answer.slice(0, 200)}`;
    },
  },
  {
    name: "a stream of 100 MB is 413, or told at the end of the scores",
    async run({ url }) {
      const line = `{"dur":1,"note":"${"x".repeat(64 * 1024)}"}\n`;
      const early = expectStatus(413, await post(url, streamOf("x".repeat(64 * 1024), 1600)));
      if (early !== undefined) return early;
      let text = "";
      // Where a service ends the connection while a client still sends, the system may drop what the client has not yet read
      // (RFC 9112, 9.6): only then is it asked again.
      for (let attempt = 0; attempt < 3; attempt++) {
        const request = await RawRequest.open(url);
        for (let sent = 0; sent < 100 * MEGABYTE; sent += line.length) {
          request.send(line);
          if (sent % MEGABYTE < line.length) await pause(1);
        }
        text = await request.received(/"status":413/, 30);
        request.cut();
        if (/"score"/.test(text) && /"status":413/.test(text)) return undefined;
        if (!request.wasReset) break;
      }
      return `it ends with ${text.slice(-200)}`;
    },
  },
  {
    name: "cut streams leave no place taken",
    async run({ url }) {
      for (let client = 0; client < CLIENTS; client++) {
        const request = await RawRequest.open(url);
        request.send(`${GOOD}{"protocol":`);
        if (client % 2 === 0) await request.received(/"score"/, 5);
        request.cut();
      }
      await pause(300);
      return undefined;
    },
  },
  {
    name: "slow clients are told so",
    async run({ url }, { idleSeconds }) {
      const silent = await RawRequest.open(url);
      const slow = await RawRequest.open(url);
      slow.send(GOOD);
      const nothing = await silent.received(/ 408 /, idleSeconds + 5);
      const one = await slow.received(/"status":408/, idleSeconds + 5);
      silent.cut();
      slow.cut();
      if (!/^HTTP\/1.1 408 /.test(nothing))
        return `one that sent nothing got ${JSON.stringify(nothing.slice(0, 80))}`;
      return /"score".*"status":408/s.test(one)
        ? undefined
        : `one that paused got ${JSON.stringify(one.slice(-200))}`;
    },
  },
  {
    name: "clients that read nothing are cut off",
    async run({ url }, { idleSeconds }) {
      const requests = await Promise.all(Array.from({ length: CLIENTS }, () => RawRequest.open(url)));
      // Rejections cost little and say much: more than there is room for on the way.
      const text = GOOD + "x\n".repeat(150_000);
      for (const request of requests) {
        request.stopReading();
        request.send(text);
      }
      await pause((idleSeconds + 1) * 1000);
      const latest = Date.now() + 20_000;
      let problem = await isWell(url);
      while (problem !== undefined && Date.now() < latest) {
        await pause(200);
        problem = await isWell(url);
      }
      const answers = await Promise.all(requests.map((request) => request.rest(5)));
      const begun = answers.filter((answer) => answer.startsWith("HTTP/1.1 200 "));
      if (begun.length === 0) problem ??= "it answered none of them";
      const isKept = (answer: string): boolean => answer.endsWith("0\r\n\r\n") && !answer.includes('"error"');
      if (begun.some(isKept)) problem ??= "it kept all of an answer that nobody took";
      return problem;
    },
  },
];

/** Undefined where the service is well and has scored what it was given. */
export async function isWell(url: string): Promise<string | undefined> {
  const health = await fetch(`${url}/healthz`);
  if (health.status !== 200) return `/healthz is ${health.status}`;
  const answer = await post(url, GOOD.repeat(3));
  const scored = answersIn(answer).filter(({ score }) => typeof score === "number").length;
  return scored === 3 ? undefined : `it answers ${answer.status}: ${answer.text.slice(0, 200)}`;
}

function expectStatus(
  wanted: number,
  { status, text }: { status: number; text: string },
): string | undefined {
  return status === wanted ? undefined : `it is ${status}: ${text.slice(0, 200)}`;
}

function streamOf(text: string, times: number): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent++ < times) controller.enqueue(piece);
      else controller.close();
    },
  });
}
