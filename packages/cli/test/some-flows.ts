import { makeTableFolder } from "../../tables/test/table-folder.ts";
import { FLOWS } from "./run-cli.ts";

/**
 * Some of the fixture's flows in their order, as Parquet, for what 24,000 say no better: every eighth, so 3,000 of all kinds.
 * @param which SQL, `row` being a flow's place in the fixture
 */
export async function someFlows(which = "row % 8 = 0"): Promise<string> {
  const folder = await makeTableFolder();
  return folder.copy(
    `SELECT * EXCLUDE (row) FROM (SELECT * RENAME (file_row_number AS row) FROM read_parquet('${FLOWS}', file_row_number = true))
     WHERE ${which} ORDER BY row`,
    "some.parquet",
  );
}
