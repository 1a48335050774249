import { makeTableFolder } from "../../tables/test/table-folder.ts";
import { FLOWS } from "./run-cli.ts";

/** Every eighth of the fixture's flows, so 3,000 of all kinds, as Parquet: for what many flows say no better. */
export async function someFlows(): Promise<string> {
  const folder = await makeTableFolder();
  return folder.copy(
    `SELECT * EXCLUDE (file_row_number) FROM read_parquet('${FLOWS}', file_row_number = true)
     WHERE file_row_number % 8 = 0 ORDER BY file_row_number`,
    "some.parquet",
  );
}
