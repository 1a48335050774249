#!/usr/bin/env bash
# Package: @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6) on Node 20.
# Behaviour: a query without ORDER BY over one Parquet file gives its rows in the file's order, also streamed on several threads, as
#   preserve_insertion_order = true promises; so do its expressions, but for x IN (...) with ten constants (three keep the order):
#   the planner makes a MARK join of the list, and a stream of the join's rows comes in the order in which threads finish row groups.
#   The same test written list_contains([...], x) keeps the order. Whoever reads columns of one table by several queries, and puts them
#   side by side by row number, gets values beside other rows' values, now and then, from files with several row groups only.
# Seen on 2026-11-28 (60,000 rows, row groups of 2,048, four threads, 20 streams of each query):
#   none: plan has no join; streams out of order: 0 of 20
#   list_contains: plan has no join; streams out of order: 0 of 20
#   in 3: plan has no join; streams out of order: 0 of 20
#   in 10: plan has a MARK join; streams out of order: some of 20
set -eu
self=$(readlink -f "$0")
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null 2>&1
npm install --no-fund --no-audit @duckdb/node-api@1.5.6-r.1 >/dev/null 2>&1
cat > order.mjs <<'JS'
import { DuckDBInstance } from "@duckdb/node-api";
const instance = await DuckDBInstance.create(":memory:", { threads: "4", preserve_insertion_order: "true" });
const connection = await instance.connect();
await connection.run("SET streaming_buffer_size = '64MB'");
await connection.run(
  "COPY (SELECT i, 'host ' || i % 97 AS name FROM range(60000) t(i)) TO 'flows.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)",
);
const words = (count) => Array.from({ length: count }, (_, i) => `'none ${i}'`).join(", ");
const queries = {
  none: "SELECT i, name FROM 'flows.parquet'",
  list_contains: `SELECT i, CASE WHEN NOT list_contains([${words(10)}], lower(name)) THEN name END FROM 'flows.parquet'`,
  "in 3": `SELECT i, CASE WHEN lower(name) NOT IN (${words(3)}) THEN name END FROM 'flows.parquet'`,
  "in 10": `SELECT i, CASE WHEN lower(name) NOT IN (${words(10)}) THEN name END FROM 'flows.parquet'`,
};
for (const [title, sql] of Object.entries(queries)) {
  const plan = JSON.stringify((await connection.runAndReadAll(`EXPLAIN ${sql}`)).getRows());
  let disordered = 0;
  for (let run = 0; run < 20; run++) {
    const result = await connection.stream(sql);
    let next = 0n;
    let isOrdered = true;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const i of chunk.getColumnValues(0)) isOrdered &&= i === next++;
    }
    if (!isOrdered) disordered++;
  }
  const join = plan.includes("MARK") ? "a MARK join" : "no join";
  console.log(`${title}: plan has ${join}; streams out of order: ${disordered > 0 ? "some" : 0} of 20`);
}
JS
node order.mjs | tee seen.txt
sed -n 's/^#   \(\(none\|list_contains\|in [0-9]*\): plan .*\)$/\1/p' "$self" > expected.txt
diff expected.txt seen.txt
