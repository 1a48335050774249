import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { EnvHttpProxyAgent, interceptors } from "undici";
import { type FetchFileOptions, fetchFile, isPresent, type SourceFailure } from "./fetch-file.ts";
import { unusable } from "./partial-file.ts";
import type { PublicDataset, PublicFile } from "./public-datasets.ts";

export interface FetchDatasetOptions extends Omit<FetchFileOptions, "dispatcher" | "onBytes"> {
  /** Is told how much of a file is there, while it comes. */
  readonly onProgress?: (file: PublicFile, bytes: number) => void;
}

/** How patient `oddflow fetch` is. */
export const PATIENCE = { stallSeconds: 30, slowestRate: 1024, pauseSeconds: 1 } as const;

/** A file of the data set that is in its folder now. */
export interface FetchedFile {
  readonly file: PublicFile;
  readonly path: string;
  /** It was there before. */
  readonly wasPresent: boolean;
}

/**
 * Sees that a data set's files are in a folder, which is made if need be, in one that is there. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are followed.
 * @throws OddflowError DOWNLOAD_FAILED, DOWNLOAD_MISMATCH, OUTPUT_UNWRITABLE; and the signal's reason
 */
export async function fetchDataset(
  dataset: PublicDataset,
  folder: string,
  { onProgress, ...options }: FetchDatasetOptions,
): Promise<FetchedFile[]> {
  await makeFolder(folder);
  const files = [dataset.training, dataset.test];
  const present = new Set<PublicFile>();
  for (const file of files) if (await isPresent(file, folder, files)) present.add(file);
  // A transfer's own watch ends one that stands still; only an answer that does not begin is undici's to end.
  const agent = new EnvHttpProxyAgent({ bodyTimeout: 0, headersTimeout: options.stallSeconds * 1000 });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 10 }));
  try {
    for (const [i, file] of files.entries()) {
      if (present.has(file)) continue;
      const onBytes = (bytes: number): void => onProgress?.(file, bytes);
      const failures = await fetchFile(file, folder, { ...options, dispatcher, onBytes });
      if (failures !== undefined) {
        const missing = files.slice(i).filter((one) => !present.has(one));
        throw notFetched(dataset, folder, file, failures, missing);
      }
    }
  } finally {
    await agent.destroy();
  }
  return files.map((file) => ({ file, path: join(folder, file.name), wasPresent: present.has(file) }));
}

/** In a folder that is there, as for every output. */
async function makeFolder(folder: string): Promise<void> {
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere)
    await mkdir(folder).catch((error) => {
      throw unusable(folder, error);
    });
}

/** In one line: what went wrong, where the files are, and how they are taken once somebody has brought them. */
function notFetched(
  { name }: PublicDataset,
  folder: string,
  file: PublicFile,
  failures: readonly SourceFailure[],
  missing: readonly PublicFile[],
): OddflowError {
  const problems = failures.map(({ url, problem }) => `${new URL(url).host}: ${problem}`);
  const wanted = missing.map(({ name, sources: [first] }) => `${name} (${first})`);
  return new OddflowError(
    failures.every(({ isMismatch }) => isMismatch) ? "DOWNLOAD_MISMATCH" : "DOWNLOAD_FAILED",
    `fetch ${name}: ${file.name} did not come (${problems.join("; ")}); ` +
      `bring ${wanted.join(" and ")} into ${folder} by other ways and run this again: it takes the files that are there`,
  );
}
