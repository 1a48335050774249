import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowRecord } from "@oddflow/preprocessing";
import { findLargestDifference, TOLERANCE } from "../conformance/compare.ts";
import { runProgram } from "../programs/run-program.ts";
import { isWell } from "../service/check-service.ts";
import { startHost } from "../service/service-runtimes.ts";

/** Where the commands are installed, and what they are held against. */
interface InstalledCommands {
  /** The project; the commands run in it. */
  readonly project: string;
  readonly version: string;
  /** A table of flows, the same as records, and the shipped model's scores of them. */
  readonly table: string;
  readonly flows: readonly FlowRecord[];
  readonly scores: Float32Array;
  readonly model: string;
}

/** One thing that an installed command must do. */
export interface CommandCheck {
  readonly name: string;
  /** @returns what is wrong; undefined where nothing is */
  run(installed: InstalledCommands): string | undefined | Promise<string | undefined>;
}

/** A quick training. */
const SMALL = ["--subset", "3000", "--hidden", "16", "--dropout", "0", "--latent", "4", "--epochs", "1"];

export const COMMAND_CHECKS: readonly CommandCheck[] = [
  {
    name: "oddflow --version tells the package's version",
    run(installed) {
      const told = command(installed, "oddflow", ["--version"]).trim();
      return told === installed.version ? undefined : `it tells ${told}`;
    },
  },
  {
    name: "oddflow train, with a report",
    run(installed) {
      const parameters = ["train", installed.table, ...SMALL, "-o", "own.onnx", "--report", "own.html"];
      command(installed, "oddflow", parameters);
      const report = readFileSync(join(installed.project, "own.html"), "utf8");
      return report.includes("</html>") ? undefined : "the report is cut short";
    },
  },
  {
    name: "score-batch with the model just trained",
    run(installed) {
      command(installed, "score-batch", [installed.table, "-m", "own.onnx", "-o", "own.ndjson"]);
      const { length } = scoresOf(readFileSync(join(installed.project, "own.ndjson"), "utf8"));
      return length === installed.scores.length ? undefined : `it gives ${length} scores`;
    },
  },
  ...(["score-batch", "oddflow"] as const).map((name) => ({
    name: `${name === "oddflow" ? "oddflow score" : name} with the default model`,
    run(installed: InstalledCommands) {
      const before = name === "oddflow" ? ["score"] : [];
      command(installed, name, [...before, installed.table, "-o", `${name}.ndjson`, "--top", "2"]);
      return differences(installed, readFileSync(join(installed.project, `${name}.ndjson`), "utf8"));
    },
  })),
  {
    name: "score-batch in a pipe with the default model",
    run(installed) {
      const lines = installed.flows.map((flow) => `${JSON.stringify(flow)}\n`).join("");
      return differences(installed, command(installed, "score-batch", ["-"], lines));
    },
  },
  {
    name: "oddflow serve with the default model",
    async run(installed) {
      const service = await startHost(program(installed, "oddflow"), ["serve", "--port", "0"]);
      return isWell(service.url).finally(() => service.stop());
    },
  },
  {
    name: "oddflow workbench serves its page and the shipped model",
    async run(installed) {
      const server = await startHost(program(installed, "oddflow"), ["workbench", "--port", "0"]);
      try {
        const page = await (await fetch(server.url)).text();
        const assets = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path ?? "");
        if (assets.length === 0) return "the page loads nothing";
        for (const path of assets) {
          const { status } = await fetch(new URL(path, server.url));
          if (status !== 200) return `${path} is ${status}`;
        }
        const model = await (await fetch(new URL("model.onnx", server.url))).arrayBuffer();
        return readFileSync(installed.model).equals(Buffer.from(model))
          ? undefined
          : "the model is another than the shipped one";
      } finally {
        await server.stop();
      }
    },
  },
  {
    name: "oddflow inspect and doctor",
    run(installed) {
      const told = JSON.parse(command(installed, "oddflow", ["inspect", "--json"])) as object;
      if (!/cpu +yes/.test(command(installed, "oddflow", ["doctor"]))) return "doctor finds no CPU provider";
      return Object.keys(told).length > 0 ? undefined : "inspect tells nothing";
    },
  },
];

function program({ project }: InstalledCommands, name: "oddflow" | "score-batch"): string {
  return join(project, "node_modules", ".bin", name);
}

function command(
  installed: InstalledCommands,
  name: "oddflow" | "score-batch",
  parameters: readonly string[],
  input?: string,
): string {
  return runProgram(program(installed, name), parameters, installed.project, input);
}

function scoresOf(ndjson: string): (number | null)[] {
  return ndjson
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { score: number | null }).score);
}

function differences({ scores }: InstalledCommands, ndjson: string): string | undefined {
  const found = scoresOf(ndjson);
  const difference = findLargestDifference(scores, found);
  return difference <= TOLERANCE ? undefined : `${found.length} scores, off by up to ${difference}`;
}
