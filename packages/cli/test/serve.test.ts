import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, test, vi } from "vitest";
import { constantModel } from "./constant-model.ts";
import { runHere } from "./in-process.ts";
import { FLOWS, MODEL, ROOT, readNdjson, run, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface Service {
  readonly url: string;
  readonly port: number;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and gives the exit status. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** `oddflow serve`, as a user starts it, at a port that is free. */
async function serve(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Service> {
  const command = join(ROOT, "packages/cli/bin/oddflow.js");
  const child = spawn(process.execPath, [command, "serve", "--port", "0", ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const closed = once(child, "close").then(([status]) => {
    running.delete(child);
    return status as number | null;
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const { value: line } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const url = /^listening on (http:\/\/\S+:\d+)$/.exec(line ?? "")?.[1];
  if (url === undefined) throw new Error(`${line}: ${stderr}`);
  return {
    url,
    port: Number(new URL(url).port),
    stderr: () => stderr,
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      child.kill(signal);
      return closed;
    },
  };
}

const NDJSON = { "content-type": "application/x-ndjson" };
const LINE = '{"protocol":"tcp","dur":0.5}\n';

function post(service: Service, body: string): Promise<Response> {
  return fetch(`${service.url}/score`, { method: "POST", headers: NDJSON, body });
}

async function expectWell(service: Service): Promise<void> {
  const answer = await post(service, LINE.repeat(3));
  expect(answer.status).toBe(200);
  expect((await answer.text()).trim().split("\n")).toHaveLength(3);
}

/** A request by hand: its head, and the socket for the rest. */
async function connect(service: Service, head: string, from = "127.0.0.1"): Promise<Socket> {
  const place = { port: service.port, host: "127.0.0.1", localAddress: from };
  const socket = createConnection(place).setEncoding("utf8");
  socket.on("error", () => {
    // The service may end the connection; what it said before is looked at.
  });
  await once(socket, "connect");
  socket.write(`${head.replaceAll("\n", "\r\n")}\r\n`);
  return socket;
}

const STREAMED =
  "POST /score HTTP/1.1\nHost: 127.0.0.1\nContent-Type: application/x-ndjson\nTransfer-Encoding: chunked\n";
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

async function received(socket: Socket, until: (text: string) => boolean): Promise<string> {
  let text = "";
  for await (const piece of socket) {
    text += piece;
    if (until(text)) break;
  }
  return text;
}

test("scores a table as score-batch does, and ends when it is told to", async () => {
  const scored = join(folder, "scored.ndjson");
  expect((await run("score-batch", [FLOWS, "-o", scored])).status).toBe(0);
  const wanted = readNdjson(scored).filter((_, row) => row % 8 === 0);
  const own = new Set(["score", "is_anomaly", "probability"]);
  const columns = Object.keys(wanted[0] ?? {}).filter((name) => !own.has(name));
  const lines = wanted.map((flow) =>
    JSON.stringify(Object.fromEntries(columns.map((name) => [name, flow[name]]))),
  );
  const csv = [columns.join(","), ...wanted.map((flow) => columns.map((name) => flow[name] ?? "").join(","))];
  const service = await serve();
  for (const [type, body] of [
    ["application/x-ndjson", lines.join("\n")],
    ["application/json", `[${lines.join(",")}]`],
    ["text/csv", csv.join("\n")],
  ] as const) {
    const headers = { "content-type": type, accept: "application/json" };
    const answer = await fetch(`${service.url}/score`, { method: "POST", headers, body });
    const answers = (await answer.json()) as { score: number; is_anomaly: boolean }[];
    expect(answers.map(({ is_anomaly }) => is_anomaly)).toEqual(wanted.map((flow) => flow["is_anomaly"]));
    const differences = answers.map(({ score }, row) => {
      const expected = Number(wanted[row]?.["score"]);
      return Math.abs(score - expected) / Math.max(1, expected);
    });
    expect(Math.max(...differences)).toBeLessThanOrEqual(1e-5);
  }
  expect(await service.end("SIGTERM")).toBe(0);
});

describe("a service that is asked badly goes on", () => {
  let service: Service;
  test("it starts, with limits", async () => {
    service = await serve(["--max-body", "0.1", "--max-requests", "2", "--idle", "0.3", "--budget", "0.05"]);
    await expectWell(service);
  });

  test("a body beyond the limit is 413, told by its length or found out", async () => {
    const body = "x".repeat(200_000);
    expect((await post(service, body)).status).toBe(413);
    const stream = new Blob([body]).stream();
    const streamed = { method: "POST", headers: NDJSON, body: stream, duplex: "half" } as RequestInit;
    expect((await fetch(`${service.url}/score`, streamed)).status).toBe(413);
    await expectWell(service);
  });

  test("a slow client is told so, and its place is free again", async () => {
    const silent = await connect(service, STREAMED);
    expect(await received(silent, (text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 408 /);
    const slow = await connect(service, STREAMED);
    slow.write(chunk(LINE));
    expect(await received(slow, (text) => text.includes('"error"'))).toMatch(/"score".*\n.*"status":408/s);
    silent.destroy();
    slow.destroy();
    await expectWell(service);
  });

  test("a cut stream leaves no place taken", async () => {
    for (let cut = 0; cut < 5; cut++) {
      const socket = await connect(service, STREAMED);
      socket.write(chunk(LINE + LINE.slice(0, 9)));
      await once(socket, "data");
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await expectWell(service);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toContain("oddflow_requests_in_flight 0\n");
  });

  test("what is no HTTP is refused", async () => {
    const socket = await connect(service, "hello");
    expect(await received(socket, (text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 400 /);
    await expectWell(service);
  });

  test("it finishes what it has begun before it ends", async () => {
    const socket = await connect(service, STREAMED);
    socket.write(chunk(LINE));
    await once(socket, "data");
    const ended = service.end("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.write(`${chunk(LINE)}0\r\n\r\n`);
    expect(await received(socket, (text) => text.endsWith("0\r\n\r\n"))).toContain('"score"');
    expect(await ended).toBe(0);
    expect(service.stderr()).toContain("answering what has been asked");
  });
});

/** Linux has all of 127.0.0.0/8 without being told; elsewhere there is one address to come from. */
test.skipIf(process.platform !== "linux")(
  "one client that holds all it can get, by records that trickle, keeps nobody else waiting, and is cut off",
  async () => {
    const service = await serve(["--max-requests", "8", "--request-seconds", "1"]);
    const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(service, STREAMED)));
    const answers: string[] = sockets.map(() => "");
    sockets.forEach((socket, i) => {
      socket.on("data", (text: string) => {
        answers[i] = (answers[i] ?? "") + text;
      });
    });
    const trickling = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write(chunk(LINE));
    }, 50);
    try {
      await vi.waitFor(() => expect(answers.every((answer) => answer !== "")).toBe(true), 10_000);
      const statuses = answers.map((answer) => answer.slice(9, 12)).sort();
      expect(statuses).toEqual(["200", "200", "429", "429", "429", "429", "429", "429"]);
      const other = await connect(service, STREAMED, "127.0.0.2");
      other.write(`${chunk(LINE)}0\r\n\r\n`);
      expect(await received(other, (text) => text.endsWith("0\r\n\r\n"))).toMatch(
        /^HTTP\/1.1 200 .*"score"/s,
      );
      other.destroy();
      const held = answers.flatMap((answer, i) => (answer.startsWith("HTTP/1.1 200") ? [i] : []));
      await vi.waitFor(() => {
        for (const i of held) expect(answers[i]).toContain('"status":408');
      }, 10_000);
    } finally {
      clearInterval(trickling);
      for (const socket of sockets) socket.destroy();
    }
    await expectWell(service);
    expect(await service.end("SIGTERM")).toBe(0);
  },
);

test("a page of a stranger's that has come to stand for this machine's address reads nothing", async () => {
  const service = await serve(["--allow-host", "flows.example", "--allow-host", "other.example"]);
  const status = async (host: string, line = "GET /model HTTP/1.1"): Promise<string> => {
    const socket = await connect(service, `${line}\nHost: ${host}\n`);
    const answer = await received(socket, (text) => text.includes("\r\n\r\n"));
    socket.destroy();
    return answer.slice(9, 12);
  };
  for (const host of [
    "localhost",
    "127.0.0.1",
    `127.0.0.1:${service.port}`,
    "flows.example:80",
    "other.example",
  ]) {
    expect([host, await status(host)]).toEqual([host, "200"]);
  }
  for (const host of [
    "evil.example",
    `evil.example:${service.port}`,
    "192.0.2.7",
    "127.0.0.1.evil.example",
  ]) {
    expect([host, await status(host)]).toEqual([host, "421"]);
  }
  expect(await status("localhost", "GET http://evil.example/model HTTP/1.1")).toBe("421");
  expect(await service.end("SIGTERM")).toBe(0);
});

test("a token from the environment is asked for and shown nowhere", async () => {
  const token = "t0ken-of-the-test";
  const service = await serve([], { ODDFLOW_TOKEN: token });
  expect((await post(service, LINE)).status).toBe(401);
  const headers = { ...NDJSON, authorization: `Bearer ${token}` };
  expect((await fetch(`${service.url}/score`, { method: "POST", headers, body: LINE })).status).toBe(200);
  // Whoever has it may call the service what he likes.
  const socket = await connect(
    service,
    `GET /model HTTP/1.1\nHost: any.example\nAuthorization: Bearer ${token}\n`,
  );
  expect(await received(socket, (text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 200 /);
  socket.destroy();
  expect(await service.end("SIGTERM")).toBe(0);
  expect(service.stderr()).not.toContain(token);
});

test("bad usage gets one line and status 2, a bad model 3", async () => {
  const service = await serve();
  for (const [status, args, said] of [
    [2, ["--port", String(service.port)], "in use"],
    [2, ["--port", "70000"], "from 0 to 65535"],
    [2, ["--idle", "0"], "--idle 0"],
    [2, ["--request-seconds", "0"], "--request-seconds 0"],
    [2, ["--max-requests", "4", "--max-requests-per-client", "5"], "from 1 to 4"],
    [2, ["--allow-host", "http://flows.example"], '"http://flows.example" is no host'],
    [2, ["--budget", "50/day"], "--budget"],
    [3, ["nowhere.onnx"], "nowhere.onnx: no such file"],
  ] as const) {
    // What is refused before anything begins needs no process of its own.
    const refused = await (status === 3 || said === "in use" ? run : runHere)("oddflow", ["serve", ...args]);
    expect([refused.status, refused.stdout]).toEqual([status, ""]);
    expect(refused.stderr).toMatch(/^oddflow: .*\n$/);
    expect(refused.stderr).toContain(said);
  }
  expect(await service.end("SIGINT")).toBe(0);
});

test("other machines are let in where it is said that they may come without a token", async () => {
  for (const [command, advice] of [
    ["serve", "set ODDFLOW_TOKEN to ask for one, or say --allow-anonymous"],
    ["workbench", "say --allow-anonymous if that is meant"],
  ] as const) {
    const refused = await run("oddflow", [command, "--host", "0.0.0.0", "--port", "0"]);
    expect(refused).toEqual({
      status: 2,
      stdout: "",
      stderr: `oddflow: --host 0.0.0.0 lets other machines in without a token; ${advice}\n`,
    });
  }
  const service = await serve(["--host", "0.0.0.0", "--allow-anonymous"]);
  expect((await fetch(`http://127.0.0.1:${service.port}/model`)).status).toBe(200);
  expect(await service.end("SIGTERM")).toBe(0);
});

describe.runIf(process.platform !== "win32")("another model while it listens", () => {
  const model = join(folder, "model.onnx");
  const scores = async (service: Service): Promise<Set<unknown>> => {
    const lines = (await (await post(service, LINE.repeat(3))).text()).trim().split("\n");
    return new Set(lines.map((line) => (JSON.parse(line) as { readonly score: number }).score));
  };

  test("is taken when the file changes; on SIGHUP the file is read whatever it is, and the service goes on", async () => {
    copyFileSync(MODEL, model);
    const service = await serve([model, "--threads", "1"]);
    writeFileSync(`${model}.new`, constantModel(7));
    renameSync(`${model}.new`, model);
    await vi.waitFor(async () => expect(await scores(service)).toEqual(new Set([7])), { timeout: 10_000 });
    rmSync(model);
    service.signal("SIGHUP");
    await vi.waitFor(() => expect(service.stderr()).toMatch(/is refused.*no such file/), { timeout: 10_000 });
    expect(await scores(service)).toEqual(new Set([7]));
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect(await service.end("SIGTERM")).toBe(0);
    expect(service.stderr().trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^model +\S+: [0-9a-f]{12} scores from now on, [0-9a-f]{12} did$/),
      expect.stringMatching(/^model +\S+ is refused, and [0-9a-f]{12} goes on scoring: open model: /),
      expect.stringMatching(/^oddflow: answering what has been asked/),
    ]);
  });
});
