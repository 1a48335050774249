import { readFile } from "node:fs/promises";
import autocannon from "autocannon";
import { expectTrue } from "../case.ts";
import { startService } from "../sections/service/service-process.ts";
import type { TrainedBuild } from "./models.ts";

export const SERVE = "oddflow serve, bodies of 1,000 flows";

const FLOWS = 1000;
const CONNECTIONS = 4;

/** A build's service, as it is when nothing is asked for. */
export interface ServedBuild {
  /** @returns the seconds of a request, on average, while all connections have one under way */
  load(seconds: number): Promise<number>;
  end(): Promise<void>;
}

/** Starts it and looks at one answer. Each flow is judged by itself, so that it can be. */
export async function startServed(build: TrainedBuild, ndjson: string): Promise<ServedBuild> {
  const lines = (await readFile(ndjson, "utf8")).split("\n", FLOWS);
  const body = `${lines.join("\n")}\n`;
  const service = await startService(build.withoutContext, [], build.oddflow);
  const url = `${service.url}/score`;
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(url, { method: "POST", headers, body });
  const answered = (await answer.text()).trim().split("\n");
  const isScored = (line: string): boolean => Number.isFinite((JSON.parse(line) as { score?: number }).score);
  expectTrue(
    answered.length === lines.length && answered.every(isScored),
    `${build.name}: a flow has no score`,
  );
  return {
    async load(seconds) {
      const result = await autocannon({
        url,
        method: "POST",
        headers,
        body,
        connections: CONNECTIONS,
        duration: seconds,
      });
      const failed = result.non2xx + result.errors + result.timeouts;
      expectTrue(result["2xx"] > 0 && failed === 0, `${build.name}: ${failed} requests failed under load`);
      return result.duration / result["2xx"];
    },
    end: () => service.end(),
  };
}
