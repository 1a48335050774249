import { once } from "node:events";
import { parseDetectorMetadata } from "@oddflow/detector";
import { inFile } from "@oddflow/inference/node";
import { readModelSummary } from "@oddflow/onnx";
import type { Argv } from "yargs";
import { findListeningPlace, type ListeningArguments, listeningOptions } from "../listening-place.ts";
import { readModel } from "../read-model.ts";
import { type Command, interruptSignal } from "../run-command.ts";
import { print } from "../terminal.ts";
import { TRUST_OPTION } from "../trust-option.ts";

interface WorkbenchArguments extends ListeningArguments {
  model: string | undefined;
  trust: string | undefined;
}

export const workbenchCommand: Command<WorkbenchArguments> = {
  builder: (parser) =>
    listeningOptions(
      parser.option("model", {
        requiresArg: true,
        alias: "m",
        type: "string",
        describe: "Model file that scores in place of the shipped one",
      }),
      4170,
    )
      .option("trust", { ...TRUST_OPTION, implies: "model" })
      .example("$0 workbench", "Then open http://127.0.0.1:4170/ and drop a file on it")
      .example("$0 workbench -m model.onnx", "The same with a model of your own") as Argv<WorkbenchArguments>,
  handler: serveWorkbench,
};

async function serveWorkbench(options: WorkbenchArguments): Promise<void> {
  const { model, trust } = options;
  const signal = interruptSignal();
  // The page has no token: whoever opens it may see the model, its vocabularies with it.
  const place = await findListeningPlace(options, "say --allow-anonymous if that is meant");
  const { servePage } = await import("@oddflow/workbench");
  const server = await servePage({
    port: place.port,
    host: place.address,
    hosts: place.hosts,
    ...(model === undefined ? {} : { model: { path: model, bytes: await readDetector(model, trust) } }),
  });
  print(`workbench  ${server.url}  (Ctrl-C ends it)\n`);
  if (!signal.aborted) await once(signal, "abort");
  await server.close();
}

/** The file's bytes, once it is known to be a detector: a page that opens with an error helps nobody. */
async function readDetector(path: string, trust: string | undefined): Promise<Uint8Array> {
  const bytes = await readModel(path, trust);
  await inFile(path, () => parseDetectorMetadata(readModelSummary(bytes)));
  return bytes;
}
