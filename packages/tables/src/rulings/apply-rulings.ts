import { extname } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";
import { findOutputPlace, outputFailure } from "../output-place.ts";
import { outputFormatOf } from "../scored-table-sql.ts";
import { systemError } from "../system-error.ts";
import { findTableFiles } from "../table-files.ts";
import { readUnchanged } from "../unchanged-files.ts";
import { ruleParquet } from "./rule-parquet.ts";
import { ruleJson, ruleRows } from "./rule-text.ts";
import { APPLYING, type ApplyRulingsOptions, RulingCounts } from "./ruling-source.ts";

/**
 * Writes a scored table again with what rules say of its alarms, of those that were alarms before any rule: without a model, and all else
 * as it is. In Parquet `is_anomaly` and the columns of rules come last. Nothing is left of what fails.
 * @throws OddflowError TABLE_NOT_FOUND, TABLE_UNREADABLE; USAGE for an output of another form; COLUMNS_MISSING for a table that was not
 * scored; OUTPUT_UNWRITABLE; the signal's reason when it is aborted
 */
export async function applyRulings(path: string, options: ApplyRulingsOptions): Promise<RulingCounts> {
  const { out, inPlace, signal } = options;
  const [found] = await findTableFiles([path], undefined, async () => []);
  if (found === undefined)
    throw new OddflowError("TABLE_NOT_FOUND", `${APPLYING}: ${path}: there is no such file`);
  if (outputFormatOf(out) !== outputFormatOf(path.replace(/\.(gz|zst)$/i, "")))
    throw new OddflowError(
      "USAGE",
      `${APPLYING}: ${out}: a table keeps its form; end it in ${extname(path.replace(/\.(gz|zst)$/i, ""))}`,
    );
  if (inPlace && found.packing !== "none")
    throw new OddflowError("USAGE", `${APPLYING}: ${path} is packed; name an output, or unpack it first`);
  const file = signal === undefined ? found : { ...found, signal };
  const place = await findOutputPlace(out, inPlace ? [] : [file]);
  const counts = new RulingCounts();
  const write = { parquet: ruleParquet, csv: ruleRows, ndjson: ruleJson }[file.format];
  try {
    await readUnchanged(APPLYING, [file], () => write(file, place, options, counts)).catch(
      (thrown: unknown) => {
        signal?.throwIfAborted();
        throw systemError(thrown)?.syscall === "write" ? outputFailure(place, thrown) : thrown;
      },
    );
    signal?.throwIfAborted();
    await place.take();
    return counts;
  } finally {
    await place.discard();
  }
}
