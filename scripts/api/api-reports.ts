import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from "@microsoft/api-extractor";
import type { PublicEntry } from "./public-entries.ts";

/** What is in a report's place: kept as it was, written anew, or another than what the declarations say. */
type ReportState = "unchanged" | "written" | "changed";

export interface ApiReport {
  /** `packages/inference/api/node.api.md`, from the package's folder on. */
  readonly path: string;
  readonly state: ReportState;
  /** What API Extractor finds wrong with the declarations. */
  readonly problems: readonly string[];
}

const SILENT = { logLevel: ExtractorLogLevel.None };

/**
 * The public API of each entry as API Extractor says it, in `api/NAME.api.md` of its package. It brings a TypeScript of its own,
 * 6.0, which reads the declarations that 7.0 writes; one program of them all serves every report.
 * @param temporary where it writes what it compares
 * @param isWriting whether a report that differs is written anew, or said to be `changed`
 */
export function makeApiReports(
  entries: readonly PublicEntry[],
  temporary: string,
  isWriting: boolean,
): ApiReport[] {
  const configs = entries.map((entry) => prepare(entry, temporary));
  const [first] = configs;
  if (first === undefined) throw new Error("no package has an entry with declarations");
  const additionalEntryPoints = configs.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath);
  const compilerState = CompilerState.create(first, { additionalEntryPoints });
  return configs.map((config) => {
    const problems: string[] = [];
    const messageCallback = (message: ExtractorMessage): void => {
      // The report's own state is said by the result.
      if (!message.messageId.startsWith("console-") && message.logLevel !== ExtractorLogLevel.None)
        problems.push(message.formatMessageWithLocation(config.projectFolder));
      message.handled = true;
    };
    const result = Extractor.invoke(config, { localBuild: isWriting, compilerState, messageCallback });
    const state = !result.apiReportChanged ? "unchanged" : isWriting ? "written" : "changed";
    return { path: config.reportFilePath, state, problems };
  });
}

/** Reports in the packages' `api` folders that no entry has any more. */
export function findStrayReports(root: string, reports: readonly ApiReport[]): string[] {
  const known = new Set(reports.map(({ path }) => path));
  return readdirSync(join(root, "packages"), { withFileTypes: true, recursive: false })
    .map(({ name }) => join(root, "packages", name))
    .flatMap((folder) => {
      const names = readdirSync(folder).includes("api") ? readdirSync(join(folder, "api")) : [];
      return names.map((name) => join(folder, "api", name)).filter((path) => !known.has(path));
    });
}

function prepare({ folder, name, declarations }: PublicEntry, temporary: string): ExtractorConfig {
  const compilerOptions = {
    target: "es2023",
    // Pages and services name what browsers have, and commands what Node has.
    lib: ["es2023", "dom"],
    module: "nodenext",
    moduleResolution: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, declarations),
      newlineKind: "lf",
      compiler: { overrideTsconfig: { compilerOptions, files: [declarations] } },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(folder, "api"),
        reportTempFolder: join(temporary, folder),
        // A type that an entry does not export, but hands out, breaks programs as well.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // All that is exported is public, and what it means is held by typedoc, not here.
          "ae-missing-release-tag": SILENT,
          "ae-undocumented": SILENT,
          "ae-forgotten-export": SILENT,
        },
        // Docstrings are typedoc's.
        tsdocMessageReporting: { default: SILENT },
      },
    },
    configObjectFullPath: join(folder, "api-extractor.json"),
    packageJsonFullPath: join(folder, "package.json"),
  });
}
