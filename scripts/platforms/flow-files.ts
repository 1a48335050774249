import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** How far scores of the same flows are from those that score-batch wrote. */
export interface Difference {
  /** How many flows have scores on both sides. */
  readonly flows: number;
  /** The largest difference of two scores, and of two probabilities. */
  readonly score: number;
  readonly probability: number;
  /** How many flows are an anomaly on one side alone, though their score is not at the threshold. */
  readonly verdicts: number;
}

/** Some values are missing, and some categories are ones that no model knows. */
const FLOWS = `SELECT * REPLACE (
  CASE WHEN flow_id % 17 = 0 THEN NULL WHEN flow_id % 19 = 0 THEN 'never seen' ELSE protocol END AS protocol,
  CASE WHEN flow_id % 23 = 0 THEN NULL ELSE dur END AS dur) FROM read_parquet(?)`;

/** The flows in each form that a platform reads, and what is compared. */
export class FlowFiles {
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;
  /** The Parquet files of the folder `flows`, which is partitioned. Beside it is `flows.tsv`, where that was asked for. */
  readonly tables: readonly string[];
  /** Where score-batch's scores are to go. */
  readonly expected: string;
  readonly flows: number;

  private constructor(connection: DuckDBConnection, close: () => void, folder: string, flows: number) {
    this.#connection = connection;
    this.#close = close;
    this.tables = parquetFiles(join(folder, "flows"));
    this.expected = join(folder, "expected.parquet");
    this.flows = flows;
  }

  /**
   * @param table the flows, a Parquet file with the fixture's columns
   * @param hasText whether they are written as text, too
   */
  static async open(table: string, folder: string, hasText: boolean): Promise<FlowFiles> {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`CREATE VIEW flows AS ${FLOWS.replace("?", quoted(table))}`);
    const write = (query: string, path: string, options: string): Promise<unknown> =>
      connection.run(`COPY (${query}) TO ${quoted(join(folder, path))} (${options})`);
    if (hasText) {
      await write("FROM flows ORDER BY flow_id", "flows.tsv", "FORMAT csv, DELIMITER '\t', QUOTE '', HEADER");
    }
    await write("SELECT *, flow_id % 4 AS part FROM flows", "flows", "FORMAT parquet, PARTITION_BY (part)");
    const counted = await connection.runAndReadAll("SELECT count(*)::INTEGER FROM flows");
    const flows = Number(counted.getRows()[0]?.[0]);
    return new FlowFiles(
      connection,
      () => {
        connection.disconnectSync();
        instance.closeSync();
      },
      folder,
      flows,
    );
  }

  /** @param scores a file of tab-separated values, or a folder of Parquet files */
  async compare(scores: string, tolerance: number): Promise<Difference> {
    const source =
      existsSync(scores) && statSync(scores).isDirectory()
        ? `read_parquet(${quoted(join(scores, "*.parquet"))})`
        : `read_csv(${quoted(scores)}, delim='\t', header=true)`;
    // Where float32 and its sums differ a score may be on the other side of the threshold, which is where verdicts part.
    const found = await this.#connection.runAndReadAll(`WITH compared AS (
        SELECT abs(own.score - other.score) AS score, abs(own.probability - other.probability) AS probability,
          own.is_anomaly <> other.is_anomaly
            AND own.score NOT BETWEEN threshold - ${tolerance} AND threshold + ${tolerance} AS verdict
        FROM read_parquet(${quoted(this.expected)}) AS own JOIN ${source} AS other USING (flow_id),
          (SELECT min(score) AS threshold FROM read_parquet(${quoted(this.expected)}) WHERE is_anomaly))
      SELECT count(*)::DOUBLE, max(score)::DOUBLE, max(probability)::DOUBLE, sum(verdict::INTEGER)::DOUBLE FROM compared`);
    const [flows, score, probability, verdicts] = (found.getRows()[0] ?? []).map(Number);
    return {
      flows: flows ?? 0,
      score: score ?? Number.NaN,
      probability: probability ?? Number.NaN,
      verdicts: verdicts ?? Number.NaN,
    };
  }

  close(): void {
    this.#close();
  }
}

function parquetFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".parquet"))
    .sort()
    .map((path) => join(folder, path));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
