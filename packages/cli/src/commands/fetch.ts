import { join } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import type { Argv } from "yargs";
import { fetchDataset, PATIENCE } from "../datasets/fetch-dataset.ts";
import { formatDatasets, formatFetched } from "../datasets/format-datasets.ts";
import { PUBLIC_DATASETS, type PublicDataset, type PublicFile, within } from "../datasets/public-datasets.ts";
import { downloadBar, type ProgressBar } from "../progress.ts";
import { type Command, EXIT_STATUS, interruptSignal } from "../run-command.ts";
import { complain, print } from "../terminal.ts";

interface FetchArguments {
  dataset: string | undefined;
  out: string | undefined;
  mirror: string | undefined;
}

export const fetchCommand: Command<FetchArguments> = {
  builder: (parser) =>
    parser
      .positional("dataset", {
        type: "string",
        describe: `One of ${PUBLIC_DATASETS.map(({ name }) => name).join(", ")}; without it they are listed`,
      })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        describe: "Folder for its files, those in it are taken  [default: the data set's name]",
      })
      .option("mirror", {
        requiresArg: true,
        type: "string",
        describe: "Address of a folder that has the same files, asked in place of the public ones",
      })
      .example("$0 fetch", "what there is, how large, and on what terms")
      .example("$0 fetch unsw-nb15", "into ./unsw-nb15; goes on where an earlier run ended")
      .epilog("HTTPS_PROXY and NO_PROXY are followed.") as Argv<FetchArguments>,
  handler: fetchCommandHandler,
};

async function fetchCommandHandler({ dataset: name, out, mirror }: FetchArguments): Promise<void> {
  if (name === undefined) {
    print(formatDatasets(PUBLIC_DATASETS));
    return;
  }
  const dataset = findDataset(name, mirror);
  const folder = out ?? dataset.name;
  const signal = interruptSignal();
  let current: { readonly file: PublicFile; readonly bar: ProgressBar<number> } | undefined;
  let bytes = 0;
  const onProgress = (file: PublicFile, there: number): void => {
    if (current?.file !== file) {
      current?.bar.stop();
      current = { file, bar: downloadBar(file.name, file.bytes) };
    }
    bytes = there;
    current.bar.update(there);
  };
  try {
    const fetched = await fetchDataset(dataset, folder, { ...PATIENCE, signal, onProgress });
    current?.bar.stop();
    print(formatFetched(dataset, fetched));
  } catch (error) {
    current?.bar.stop();
    if (!signal.aborted || current === undefined) throw error;
    const left = join(folder, `${current.file.name}.partial`);
    complain(
      `oddflow: interrupted; ${left} has ${bytes.toLocaleString("en-US")} bytes, the next run goes on from there\n`,
    );
    process.exitCode = EXIT_STATUS.interrupted;
  }
}

function findDataset(name: string, mirror: string | undefined): PublicDataset {
  const dataset = PUBLIC_DATASETS.find((one) => one.name === name);
  if (dataset === undefined) {
    const names = PUBLIC_DATASETS.map((one) => one.name).join(", ");
    throw new OddflowError(
      "USAGE",
      `fetch: "${name}" is no data set that is known; expected one of ${names}`,
    );
  }
  if (mirror === undefined) return dataset;
  if (!/^https?:$/.test(URL.canParse(mirror) ? new URL(mirror).protocol : "")) {
    throw new OddflowError(
      "USAGE",
      `--mirror ${mirror}: expected an address that begins with http:// or https://`,
    );
  }
  const mirrored = (file: PublicFile): PublicFile => ({ ...file, sources: within([mirror], file.name) });
  return { ...dataset, training: mirrored(dataset.training), test: mirrored(dataset.test) };
}
