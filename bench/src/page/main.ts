import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { servePage } from "@oddflow/workbench";
import { chromium } from "playwright-core";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { browserMemory } from "./browser-memory.ts";
import { WATCH_FRAMES } from "./frames.ts";
import { walkThrough } from "./page-phases.ts";

/*
 * `pnpm bench:page FILE...`: opens each file in the workbench in Chromium without a window, does with its flows what the page offers, and
 * prints for each step how long it took, the longest time between two frames, and what the browser took of memory at most. Each file
 * gets a browser of its own.
 */

const LOOK_EVERY_MS = 500;

// The compiled script lies in bench/dist/page.
const SHIPPED = fileURLToPath(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));

const {
  model,
  page,
  browser,
  _: files,
} = await yargs(hideBin(process.argv))
  .usage("bench:page FILE...")
  .option("model", { type: "string", describe: "a model in the place of the shipped one" })
  .option("page", { type: "string", describe: "the folder of another built page" })
  .option("browser", { type: "string", default: process.env["ODDFLOW_CHROMIUM"] ?? "/usr/bin/chromium" })
  .demandCommand(1)
  .strict()
  .parse();

const server = await servePage({
  port: 0,
  host: "127.0.0.1",
  ...(model === undefined ? {} : { model: { path: model, bytes: readFileSync(model) } }),
  ...(page === undefined ? {} : { page }),
});
try {
  for (const file of files) await measureFile(String(file));
} finally {
  await server.close();
}

async function measureFile(file: string): Promise<void> {
  let looking: NodeJS.Timeout | undefined;
  const launched = await chromium.launchServer({ executablePath: browser, args: ["--no-sandbox"] });
  try {
    const connected = await chromium.connect(launched.wsEndpoint());
    const opened = await connected.newPage({ viewport: { width: 1280, height: 900 } });
    await opened.addInitScript(WATCH_FRAMES);
    await opened.goto(server.url);
    print(`${basename(file)}, Chromium ${connected.version()}`);
    print(row("", "time", "longest frame", "longest task", "its processor", "renderer", "browser"));
    // The browser begins its own peaks anew from time to time.
    const most = { renderer: 0, browser: 0 };
    const look = (): void => {
      const now = browserMemory(launched.process().pid ?? 0);
      most.renderer = Math.max(most.renderer, now.renderer);
      most.browser = Math.max(most.browser, now.browser);
    };
    looking = setInterval(look, LOOK_EVERY_MS);
    const memory = (): [string, string] => {
      look();
      return [`${megabytes(most.renderer)} MB`, `${megabytes(most.browser)} MB`];
    };
    const files = { flows: file, secondModel: model ?? SHIPPED };
    await walkThrough(connected, opened, files, ({ name, ms, frame, task, processor }) =>
      print(
        row(
          name,
          `${(ms / 1000).toFixed(1)} s`,
          `${frame.toFixed(0)} ms`,
          `${task.toFixed(0)} ms`,
          `${processor.toFixed(0)} ms`,
          ...memory(),
        ),
      ),
    );
    print("");
  } finally {
    clearInterval(looking);
    await launched.close();
  }
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(22)}${cells.map((cell) => cell.padStart(15)).join("")}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
