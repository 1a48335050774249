import { megabytes, rate } from "../progress.ts";
import type { FetchedFile } from "./fetch-dataset.ts";
import type { PublicDataset } from "./public-datasets.ts";

/** What there is to fetch, in lines for the terminal. */
export function formatDatasets(datasets: readonly PublicDataset[]): string {
  const entries = datasets.map((dataset) => {
    const { name, title, page, training, test } = dataset;
    const files = [training, test].map(
      (file) =>
        `  ${file.name.padEnd(28)}${megabytes(file.bytes).padStart(6)} MB  ${rate(file.flows).padStart(8)} flows`,
    );
    return [name, `  ${title}`, ...files, ...terms(dataset), `  page      ${page}`, ""].join("\n");
  });
  return `${entries.join("\n")}\n\`oddflow fetch <name>\` brings one into a folder of that name.\n`;
}

/** What is there now, and the commands that it can be used with. */
export function formatFetched(dataset: PublicDataset, fetched: readonly FetchedFile[]): string {
  const [training, test] = [dataset.training, dataset.test].map(
    (file) => fetched.find((one) => one.file === file)?.path ?? file.name,
  );
  return [
    ...fetched.map(
      ({ file, path, wasPresent }) =>
        `${path}  ${megabytes(file.bytes)} MB, ${wasPresent ? "was there, has" : "fetched, has"} the SHA-256 it must have`,
    ),
    ...terms(dataset),
    "",
    `oddflow train ${training} -o ${dataset.name}.onnx`,
    `oddflow evaluate ${test} -m ${dataset.name}.onnx`,
    "",
  ].join("\n");
}

function terms({ terms, citation }: PublicDataset): string[] {
  return [`  terms     ${terms}`, `  to cite   ${citation}`];
}
