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
export const FLOW_FILES =
  "Files, globs or addresses (s3://, gs://, https://): Parquet, CSV, JSON, Zeek and other sensors' logs";

/** An Arrow IPC stream, on standard input and output. */
export const ARROW = "arrow";

/** The same for what standard input holds, too. */
export const SCORE_FROM_OPTION: typeof FROM_OPTION = {
  ...FROM_OPTION,
  choices: [...SOURCE_FORMATS, ARROW],
  describe:
    "What files hold, or arrow for an Arrow IPC stream on standard input  [default: told by names and beginning]",
};

export const TO_OPTION: typeof FROM_OPTION = {
  requiresArg: true,
  choices: [ARROW],
  describe: "What is written for --from arrow  [default: the same]",
};
