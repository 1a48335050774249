import { SOURCE_FORMATS } from "@oddflow/flow-sources";

/** The option of every command that reads files of flows. */
export const FROM_OPTION: {
  readonly requiresArg: true;
  readonly choices: readonly string[];
  readonly describe: string;
} = {
  requiresArg: true,
  choices: SOURCE_FORMATS,
  describe: "What the files hold  [default: told by their names and what they begin with]",
};

/** What commands take as their files of flows, in words. */
export const FLOW_FILES = "Files or globs: Parquet, CSV, JSON, Zeek and other sensors' logs";
