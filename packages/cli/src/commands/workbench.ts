import { once } from "node:events";
import { inFile } from "@oddflow/inference/node";
import { parseDetectorMetadata, readModelSummary } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv, CommandModule } from "yargs";
import { readModel } from "../read-model.ts";
import { interruptSignal } from "../run-command.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface WorkbenchArguments {
  model: string | undefined;
  port: number;
  host: string;
  trust: string | undefined;
}

const LAST_PORT = 65_535;

export const workbenchCommand: CommandModule<object, WorkbenchArguments> = {
  command: "workbench",
  describe: "Serve a page that scores files in the browser",
  builder: (parser) =>
    (parser as Argv)
      .option("model", {
        alias: "m",
        type: "string",
        describe: "Model file that scores in place of the shipped one",
      })
      .option("port", {
        type: "number",
        default: 4170,
        describe: "Port to listen on; 0 for any that is free",
      })
      .option("host", {
        type: "string",
        default: "127.0.0.1",
        describe: "Address to listen on; this machine's own, where it is not given",
      })
      .option("trust", { ...TRUST_OPTION, implies: "model" })
      .example("$0 workbench", "Then open http://127.0.0.1:4170/ and drop a file on it")
      .example("$0 workbench -m model.onnx", "The same with a model of your own") as Argv<WorkbenchArguments>,
  handler: serveWorkbench,
};

async function serveWorkbench({ model, port, host, trust }: WorkbenchArguments): Promise<void> {
  if (!(Number.isInteger(port) && port >= 0 && port <= LAST_PORT)) {
    throw new OddflowError(
      "OPTION_RANGE",
      `--port is ${port}; expected a whole number from 0 to ${LAST_PORT}`,
    );
  }
  const signal = interruptSignal();
  const { servePage } = await import("@oddflow/workbench");
  const server = await servePage({
    port,
    host,
    ...(model === undefined ? {} : { model: { path: model, bytes: await readDetector(model, trust) } }),
  });
  process.stdout.write(`workbench  ${server.url}  (Ctrl-C ends it)\n`);
  if (!signal.aborted) await once(signal, "abort");
  await server.close();
}

/** The file's bytes, once it is known to be a detector: a page that opens with an error helps nobody. */
async function readDetector(path: string, trust: string | undefined): Promise<Uint8Array> {
  const bytes = await readModel(path, trust);
  await inFile(path, () => parseDetectorMetadata(readModelSummary(bytes)));
  return bytes;
}
