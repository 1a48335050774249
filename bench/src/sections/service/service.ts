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
import { type ServiceProcess, startService } from "./service-process.ts";

const SECTION = "service";

/** Flows of a request. */
const FLOWS = 1000;

/** Of the model: what `oddflow serve` has by itself. The load comes from another core. */
const THREADS = 1;
const CONNECTIONS = 4;

/** A minute of load in all. */
const ROUNDS = 4;
const SECONDS_A_ROUND = 15;
const WARM_UP_SECONDS = 5;

interface Load {
  readonly secondsARequest: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
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
  const inProcess = await startSuite("records", byDefault, bodyFile, String(THREADS));
  const [records] = inProcess.cases;
  const service = await startService(byDefault, THREADS);
  try {
    await checkScores(service, body, byDefault);
    await load(service, body, WARM_UP_SECONDS);
    const rounds = await inTurns(ROUNDS, {
      inProcess: async () => spreadOf(await inProcess.time(records?.name ?? "")).median,
      service: () => load(service, body, SECONDS_A_ROUND),
    });
    report(recorder, rounds.inProcess, rounds.service);
    reportMemory(recorder, rounds.service);
  } finally {
    await Promise.all([service.end(), inProcess.close()]);
  }
}

function report(recorder: Recorder, inProcess: readonly number[], loads: readonly Load[]): void {
  const subject = (name: string) => ({ section: SECTION, name, flows: FLOWS });
  recorder.add(flowsPerSecond(subject("the scorer in process, records, one thread"), inProcess));
  const served = flowsPerSecond(
    subject("oddflow serve, one thread"),
    loads.map(({ secondsARequest }) => secondsARequest),
  );
  const memory = loads.flatMap((each) => each.memory);
  recorder.add(memory.length === 0 ? served : { ...served, peakMemoryBytes: Math.max(...memory) });
  for (const percentile of ["p50", "p99"] as const) {
    recorder.add(
      milliseconds(
        subject(`oddflow serve, a request, ${percentile}`),
        loads.map((each) => each[percentile] / 1000),
      ),
    );
  }
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

async function load(service: ServiceProcess, body: string, seconds: number): Promise<Load> {
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(...service.memory()), 1000);
  const result = await autocannon({
    url: `${service.url}/score`,
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body,
    connections: CONNECTIONS,
    duration: seconds,
  });
  clearInterval(sampling);
  const answered = result["2xx"];
  const failed = result.non2xx + result.errors + result.timeouts;
  expectTrue(answered > 0 && failed === 0, `oddflow serve: ${answered} requests answered, ${failed} not`);
  const { p50, p99 } = result.latency;
  return { secondsARequest: result.duration / answered, p50, p99, memory };
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
