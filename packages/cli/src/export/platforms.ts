import type { InputRank, PortableModel } from "@oddflow/detector";
import { bigQueryFiles } from "./bigquery.ts";
import type { ExportedFile } from "./exported-file.ts";
import { mlflowFiles } from "./mlflow.ts";
import { sparkFiles } from "./spark.ts";
import { tritonFiles } from "./triton.ts";

/** What a platform takes, and the files that it needs. */
interface Platform {
  /** The ranks of inputs that it can give; the first is taken where nobody says. */
  readonly ranks: readonly [InputRank, ...InputRank[]];
  /** Whether an output may have several values a flow. */
  readonly takesColumnErrors: boolean;
  /** Whether it knows no names but of letters, digits and underscores, and does not tell their case. */
  readonly needsIdentifiers: boolean;
  /** @param name the folder's */
  files(model: PortableModel, name: string): readonly ExportedFile[];
}

export type PlatformName = "triton" | "mlflow" | "bigquery" | "spark";

export const PLATFORMS: Readonly<Record<PlatformName, Platform>> = {
  triton: { ranks: [2], takesColumnErrors: true, needsIdentifiers: false, files: tritonFiles },
  mlflow: { ranks: [1], takesColumnErrors: false, needsIdentifiers: false, files: mlflowFiles },
  bigquery: { ranks: [2], takesColumnErrors: true, needsIdentifiers: true, files: bigQueryFiles },
  spark: { ranks: [1], takesColumnErrors: false, needsIdentifiers: false, files: sparkFiles },
};

/** What is written where nobody names a platform: all that there is. */
export const ANY_PLATFORM: Omit<Platform, "files"> = {
  ranks: [2, 1],
  takesColumnErrors: true,
  needsIdentifiers: false,
};
