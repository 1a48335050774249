import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { addressOf } from "./listening-address.ts";
import { fromRoot } from "./places.ts";
import { lookForOrphans } from "./processes.ts";
import { type Choices, choicesFor } from "./seeded-choices.ts";

/** So few that one which a client has left would soon be missed. */
const REQUESTS_AT_A_TIME = 4;
const FLOWS = 200;

/** A client that hears nothing goes all the same. */
const LONGEST_WAIT = 2000;

/** What `serve` says when it is told to end, before that what it refused of its model's file, and nothing else. */
const FAREWELL =
  /^(?:model +[^\n]+ is refused, and [0-9a-f]+ goes on scoring: [^\n]+\n)*oddflow: answering what has been asked[^\n]*\n$/;

export interface HangUpCounts {
  hangUps: number;
  /** Of them, those in the middle of an answer. */
  inTheAnswer: number;
  modelsDisturbed: number;
  answeredAlike: number;
}

export interface HangUpOptions {
  readonly seed: number;
  readonly count: number;
  readonly folder: string;
  /** Another model than the shipped one. */
  readonly otherModel: string;
  /** Flows as JSON lines. */
  readonly lines: string;
  readonly until: number;
  readonly onFault: (fault: string) => void;
}

/** Clients leave a service in the middle, and its model's file is damaged or removed: everybody else is answered as before. */
export async function runHangUps(options: HangUpOptions): Promise<HangUpCounts> {
  const { seed, count, lines, until, onFault } = options;
  const folder = join(options.folder, "served");
  mkdirSync(folder, { recursive: true });
  const model = join(folder, "model.onnx");
  copyFileSync(fromRoot("fixtures/unsw-nb15.onnx"), model);
  const limits = [
    "--max-requests",
    String(REQUESTS_AT_A_TIME),
    "--max-requests-per-client",
    String(REQUESTS_AT_A_TIME),
  ];
  const service = spawn(
    process.execPath,
    [fromRoot("packages/cli/bin/oddflow.js"), "serve", model, "--port", "0", ...limits],
    { stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let complaints = "";
  service.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const counts: HangUpCounts = { hangUps: 0, inTheAnswer: 0, modelsDisturbed: 0, answeredAlike: 0 };
  const exit = once(service, "exit");
  try {
    const address = new URL(await addressOf(service.stdout, service.stderr));
    // Nobody reads what it prints any more.
    service.stdout.destroy();
    const body = `${lines.split("\n").slice(0, FLOWS).join("\n")}\n`;
    const usual = await ask(address, body);
    for (let number = 0; number < count && performance.now() < until; number++) {
      const choices = choicesFor(seed, "hang-up", number);
      if (number % 5 === 4) {
        disturb(model, options.otherModel, choices);
        counts.modelsDisturbed++;
      }
      counts.hangUps++;
      if (await hangUp(address, body, choices)) counts.inTheAnswer++;
      const answer = await ask(address, body);
      if (answer === usual) counts.answeredAlike++;
      else onFault(`hang-up ${number} --seed ${seed}: the next client was answered ${answer.slice(0, 200)}`);
    }
  } finally {
    service.kill("SIGTERM");
    const [code, signal] = await exit;
    if (code !== 0) onFault(`serve ended with ${signal ?? code} after hang-ups: ${complaints.slice(0, 400)}`);
  }
  if (!FAREWELL.test(complaints)) onFault(`serve said ${complaints.slice(0, 400)}`);
  if (service.pid !== undefined) await lookForOrphans(service.pid, onFault);
  return counts;
}

async function ask(address: URL, body: string): Promise<string> {
  try {
    const headers = { "content-type": "application/x-ndjson", accept: "application/x-ndjson" };
    const answer = await fetch(new URL("/score", address), { method: "POST", headers, body });
    return `${answer.status} ${await answer.text()}`;
  } catch (error) {
    return String(error);
  }
}

/** Goes after some bytes of a request, or as soon as an answer begins. @returns whether one had begun */
async function hangUp({ host, hostname, port }: URL, body: string, choices: Choices): Promise<boolean> {
  const request =
    `POST /score HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-ndjson\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const isWhole = choices.below(2) === 0;
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {
    // It may be the service that closes first.
  });
  await once(socket, "connect");
  socket.write(isWhole ? request : request.slice(0, 1 + choices.below(request.length - 1)));
  const isAnswered = isWhole && choices.below(4) > 0;
  const begun = isAnswered
    ? await Promise.race([once(socket, "data"), pause(LONGEST_WAIT, undefined, { ref: false })])
    : undefined;
  if (!isAnswered) await pause(choices.below(30));
  socket.destroy();
  return begun !== undefined;
}

function disturb(model: string, other: string, choices: Choices): void {
  const beside = `${model}.new`;
  copyFileSync(other, beside);
  // A whole one would be taken.
  truncateSync(beside, choices.below(10_000));
  renameSync(beside, model);
  if (choices.below(3) === 0) rmSync(model);
}
