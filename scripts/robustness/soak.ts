import { spawn } from "node:child_process";
import { once } from "node:events";
import { addressOf } from "./listening-address.ts";
import { type HeldMemory, watchMemory } from "./memory.ts";
import { fromRoot } from "./places.ts";

const CLIENTS = 12;
const LONGEST_PROBLEM = 300;
const LINES_A_WRITE = 500;

/** How much more memory a process may hold in the last third of a soak than in the second. */
const MOST_GROWTH = 1.25;

export interface SoakCounts extends HeldMemory {
  /** Requests answered, or lines scored. */
  readonly answered: number;
  readonly failed: number;
  readonly seconds: number;
}

/** Asks a service from several clients at once for so many minutes. */
export async function soakService(
  minutes: number,
  body: string,
  onFault: (fault: string) => void,
): Promise<SoakCounts> {
  const service = spawn(process.execPath, [fromRoot("packages/cli/bin/oddflow.js"), "serve", "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const url = await addressOf(service.stdout, service.stderr);
    const began = performance.now();
    const until = began + minutes * 60_000;
    const memory = watchMemory(service.pid);
    let answered = 0;
    const problems: string[] = [];
    const client = async (): Promise<void> => {
      while (performance.now() < until) {
        const problem = await ask(url, body);
        if (problem === undefined) answered++;
        else problems.push(problem);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    for (const problem of new Set(problems)) onFault(`serve: ${problem}`);
    return finish("serve", { answered, failed: problems.length, began, memory: memory.stop() }, onFault);
  } finally {
    service.kill("SIGTERM");
    await once(service, "exit");
  }
}

/** Sends so many lines through a pipe. */
export async function soakPipe(
  lines: number,
  text: string,
  onFault: (fault: string) => void,
): Promise<SoakCounts> {
  const pipe = spawn(
    process.execPath,
    [fromRoot("packages/cli/bin/score-batch.cjs"), "-", "--columns", "none"],
    {
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const began = performance.now();
  const memory = watchMemory(pipe.pid);
  let answered = 0;
  pipe.stdout.on("data", (piece: Buffer) => {
    for (const byte of piece) if (byte === 10) answered++;
  });
  const given = text.trimEnd().split("\n");
  for (let sent = 0; sent < lines; sent += LINES_A_WRITE) {
    const some = Array.from(
      { length: Math.min(LINES_A_WRITE, lines - sent) },
      (_, k) => given[(sent + k) % given.length],
    );
    if (!pipe.stdin.write(`${some.join("\n")}\n`)) await once(pipe.stdin, "drain");
  }
  pipe.stdin.end();
  await once(pipe, "close");
  return finish("pipe", { answered, failed: lines - answered, began, memory: memory.stop() }, onFault);
}

/** @returns what is wrong with the answer; undefined where nothing is */
async function ask(url: string, body: string): Promise<string | undefined> {
  try {
    const headers = { "content-type": "application/x-ndjson" };
    const answer = await fetch(`${url}/score`, { method: "POST", headers, body });
    const text = await answer.text();
    if (answer.status !== 200) return `${answer.status} ${text.slice(0, LONGEST_PROBLEM)}`;
    const [lines, asked] = [text, body].map((all) => all.trimEnd().split("\n").length);
    return lines === asked ? undefined : `${lines} lines for ${asked}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return `${error}${cause}`;
  }
}

interface Soaked {
  readonly answered: number;
  readonly failed: number;
  readonly began: number;
  readonly memory: HeldMemory;
}

function finish(
  name: string,
  { answered, failed, began, memory }: Soaked,
  onFault: (fault: string) => void,
): SoakCounts {
  const counts = {
    ...{ answered, failed, seconds: Math.round((performance.now() - began) / 1000) },
    ...memory,
  };
  if (failed > 0 || answered === 0) onFault(`${name}: ${answered} were answered and ${failed} not`);
  if (counts.megabytesAfter > MOST_GROWTH * counts.megabytesBefore) {
    onFault(`${name}: memory grew from ${counts.megabytesBefore} to ${counts.megabytesAfter} MB`);
  }
  return counts;
}
