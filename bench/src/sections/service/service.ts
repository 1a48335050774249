import { readFile, writeFile } from "node:fs/promises";
import { createScorer } from "@oddflow/inference/node";
import autocannon from "autocannon";
import { expectScores, expectTrue } from "../../case.ts";
import { trainModels } from "../../data/models.ts";
import { flowLines, flowsTable } from "../../data/tables.ts";
import { fromRoot } from "../../inputs.ts";
import { flowsPerSecond, milliseconds } from "../../measurement.ts";
import { startSuite } from "../../processes/case-process.ts";
import { inTurns, spreadOf, spreadOverRounds } from "../../processes/in-turns.ts";
import type { Recorder } from "../../recorder.ts";
import { pacedLoad } from "./paced-load.ts";
import { type ServiceProcess, startService } from "./service-process.ts";

const SECTION = "service";

/** Flows of a request. */
const FLOWS = 1000;

const CONNECTIONS = 4;

/** Connections that each send a request of one flow now and then. */
const MANY_CONNECTIONS = 100;
const FEW_FLOWS_A_SECOND = 1000;
const HEALTH_CHECKS_A_SECOND = 50;
const MANY_REQUESTS = ["--max-requests", "256", "--max-requests-per-client", "256"];

/** A minute of load in all. */
const ROUNDS = 4;
const SECONDS_A_ROUND = 15;
const WARM_UP_SECONDS = 5;

interface Load {
  readonly secondsARequest: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of a /healthz meanwhile. */
  readonly healthP99: number;
  /** Of the service, for a flow; none where the system does not say. */
  readonly cpuSeconds: readonly number[];
  /** Resident memory of the service in bytes, a second apart: it goes up and down with the garbage. */
  readonly memory: readonly number[];
}

/** `oddflow serve` on loopback, in turns with the same scorer in a process that has the records. */
export async function serviceSection(recorder: Recorder): Promise<void> {
  const { byDefault, oneNetwork } = await trainModels();
  const lines = await flowLines(await flowsTable(10_000), oneNetwork);
  const bodyFile = fromRoot("bench/data/throughput/body.ndjson");
  const body = `${(await readFile(lines, "utf8")).split("\n").slice(0, FLOWS).join("\n")}\n`;
  await writeFile(bodyFile, body);
  recorder.title(
    `oddflow serve, default detector, ${CONNECTIONS} connections, bodies of ${FLOWS.toLocaleString("en-US")} flows; the load's own work ` +
      "is on the same cores",
  );
  const inProcess = await startSuite("records", byDefault, bodyFile, "1");
  const [records] = inProcess.cases;
  const service = await startService(byDefault, MANY_REQUESTS);
  try {
    await checkScores(service, body, byDefault);
    await load(service, body, WARM_UP_SECONDS);
    const rounds = await inTurns(ROUNDS, {
      inProcess: async () => spreadOf(await inProcess.time(records?.name ?? "")).median,
      service: () => load(service, body, SECONDS_A_ROUND),
    });
    report(recorder, rounds.inProcess, rounds.service);
    reportMemory(recorder, rounds.service);
    await reportFewFlows(recorder, service, body);
  } finally {
    await Promise.all([service.end(), inProcess.close()]);
  }
}

function report(recorder: Recorder, inProcess: readonly number[], loads: readonly Load[]): void {
  const subject = (name: string) => ({ section: SECTION, name, flows: FLOWS });
  recorder.add(flowsPerSecond(subject("the scorer in process, records, one thread"), inProcess));
  const served = flowsPerSecond(
    subject("oddflow serve, all cores"),
    loads.map(({ secondsARequest }) => secondsARequest),
  );
  const memory = loads.flatMap((each) => each.memory);
  const cpu = loads.flatMap(({ cpuSeconds }) => cpuSeconds.map((seconds) => seconds * FLOWS));
  recorder.add({
    ...served,
    ...(memory.length === 0 ? {} : { peakMemoryBytes: Math.max(...memory) }),
    ...(cpu.length === 0 ? {} : { cpuSeconds: spreadOf(cpu).median }),
  });
  for (const percentile of ["p50", "p99"] as const) {
    recorder.add(
      milliseconds(
        subject(`oddflow serve, a request, ${percentile}`),
        loads.map((each) => each[percentile] / 1000),
      ),
    );
  }
  const health = loads.map(({ healthP99 }) => healthP99);
  recorder.add(
    milliseconds(
      { ...subject("oddflow serve, /healthz at full load, p99"), flows: 0 },
      health.map((each) => each / 1000),
    ),
  );
  recorder.figures.serviceHealth = spreadOf(health);
  recorder.figures.serviceShare = spreadOverRounds(
    ROUNDS,
    (round) => (inProcess[round] ?? Number.NaN) / (loads[round]?.secondsARequest ?? Number.NaN),
  );
}

/** What it holds in the last quarter of the minute against the first, medians. */
function reportMemory(recorder: Recorder, loads: readonly Load[]): void {
  const [first, last] = [loads.at(0)?.memory ?? [], loads.at(-1)?.memory ?? []];
  if (first.length === 0 || last.length === 0) {
    recorder.skip("resident memory of oddflow serve", "only Linux says what it is, in /proc");
    return;
  }
  const [before, after] = [spreadOf(first), spreadOf(last)];
  const growth = after.median / before.median;
  recorder.figures.serviceMemoryGrowth = { median: growth, lowest: growth, highest: growth };
  process.stdout.write(
    `resident memory: ${megabytes(before.median)} (${megabytes(before.lowest)} to ${megabytes(before.highest)}) at the start of the ` +
      `minute of load, ${megabytes(after.median)} (${megabytes(after.lowest)} to ${megabytes(after.highest)}) at its end\n`,
  );
}

/** Full load, of another thread than the one that asks /healthz meanwhile. */
async function load(service: ServiceProcess, body: string, seconds: number): Promise<Load> {
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(...service.memory()), 1000);
  const before = service.cpuSeconds();
  const [result, health] = await Promise.all([
    autocannon({ ...scoring(service, body), connections: CONNECTIONS, duration: seconds, workers: 1 }),
    autocannon({
      url: `${service.url}/healthz`,
      connections: 1,
      overallRate: HEALTH_CHECKS_A_SECOND,
      duration: seconds,
    }),
  ]);
  clearInterval(sampling);
  const cpuSeconds = service
    .cpuSeconds()
    .map((after, i) => (after - (before[i] ?? Number.NaN)) / (answers(result) * FLOWS));
  const { p50, p99 } = result.latency;
  answers(health);
  const secondsARequest = result.duration / answers(result);
  return { secondsARequest, p50, p99, healthP99: health.latency.p99, memory, cpuSeconds };
}

/** Requests of one flow, on many connections, fewer than there could be: how long one of them takes. */
async function reportFewFlows(recorder: Recorder, service: ServiceProcess, body: string): Promise<void> {
  const one = `${body.split("\n", 1)[0]}\n`;
  const few = (seconds: number): Promise<Float64Array> =>
    pacedLoad({
      ...scoring(service, one),
      connections: MANY_CONNECTIONS,
      requestsPerSecond: FEW_FLOWS_A_SECOND,
      seconds,
    });
  // These take other ways through the service than large bodies.
  await few(WARM_UP_SECONDS);
  const rounds = await inTurns(ROUNDS, { few: () => few(SECONDS_A_ROUND) });
  const p99 = rounds.few.map((times) => times[Math.floor(0.99 * times.length)] ?? Number.NaN);
  recorder.add(
    milliseconds(
      { section: SECTION, name: `oddflow serve, one flow, ${MANY_CONNECTIONS} connections, p99`, flows: 1 },
      p99.map((each) => each / 1000),
    ),
  );
  recorder.figures.serviceFewFlows = spreadOf(p99);
}

function scoring({ url }: ServiceProcess, body: string) {
  const headers = { "content-type": "application/x-ndjson" };
  return { url: `${url}/score`, method: "POST", headers, body } as const;
}

/** How many requests were answered; all must have been. */
function answers(result: autocannon.Result): number {
  const answered = result["2xx"];
  const failed = result.non2xx + result.errors + result.timeouts;
  expectTrue(answered > 0 && failed === 0, `oddflow serve: ${answered} requests answered, ${failed} not`);
  return answered;
}

/** What is answered must be the scores before it is timed. */
async function checkScores({ url }: ServiceProcess, body: string, model: string): Promise<void> {
  const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
  const { scores } = await scorer.score(
    body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  await scorer.close();
  const headers = { "content-type": "application/x-ndjson", accept: "application/json" };
  const answer = await fetch(`${url}/score`, { method: "POST", headers, body });
  const found = (await answer.json()) as { readonly score: number }[];
  expectTrue(found.length === FLOWS, `oddflow serve: ${found.length} answers to ${FLOWS} flows`);
  expectScores(
    "oddflow serve",
    found.map(({ score }) => score),
    scores,
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
