import type { DuckDBAppender, DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import type { ScoredRows } from "@oddflow/preprocessing";
import { duckdbApi } from "./duckdb-api.ts";
import type { DuckdbSession } from "./duckdb-session.ts";
import { type AddedScores, checkBatch } from "./scored-batch.ts";
import { createScoresSql, SCORES } from "./scored-table-sql.ts";
import { writeItems } from "./vector-items.ts";

/** The rows of a DuckDB data chunk. */
const CHUNK_ROWS = 2048;

/** Scores that wait in a temporary table, on a connection of its own, until they are written beside their rows. */
export class PendingScores {
  rows = 0;
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #added: AddedScores;
  #closed = false;

  private constructor(connection: DuckDBConnection, appender: DuckDBAppender, added: AddedScores) {
    this.#connection = connection;
    this.#appender = appender;
    this.#added = added;
  }

  static async create(session: DuckdbSession, added: AddedScores): Promise<PendingScores> {
    const connection = await session.connect();
    await connection.run(createScoresSql(added));
    const appender = await connection.createAppender(SCORES, null, "temp");
    return new PendingScores(connection, appender, added);
  }

  add(batch: ScoredRows): void {
    checkBatch(batch, this.#added);
    const { score, isAnomaly, rarity, top, reasons, rulings } = batch;
    const { topCount } = this.#added;
    const { DuckDBDataChunk, FLOAT, SMALLINT, UTINYINT, VARCHAR } = duckdbApi();
    const types: DuckDBType[] = [FLOAT, UTINYINT, FLOAT, ...Array.from({ length: topCount }, () => SMALLINT)];
    const texts: (readonly (string | null)[])[] = [];
    if (reasons) texts.push(reasons);
    if (rulings) {
      texts.push(
        rulings.map((ruling) => ruling?.rule ?? null),
        rulings.map((ruling) => ruling?.verdict ?? null),
      );
    }
    types.push(...texts.map(() => VARCHAR));
    for (let start = 0; start < score.length; start += CHUNK_ROWS) {
      const end = Math.min(start + CHUNK_ROWS, score.length);
      const chunk = DuckDBDataChunk.create(types, end - start);
      writeItems(chunk, 0, score.subarray(start, end));
      writeItems(chunk, 1, isAnomaly.subarray(start, end));
      writeItems(chunk, 2, Float32Array.from(rarity.subarray(start, end)));
      for (let k = 0; k < topCount; k++) {
        const column = new Int16Array(end - start);
        for (let row = start; row < end; row++) column[row - start] = top?.[row * topCount + k] ?? -1;
        writeItems(chunk, 3 + k, column);
      }
      for (const [k, own] of texts.entries()) chunk.setColumnValues(3 + topCount + k, own.slice(start, end));
      this.#appender.appendDataChunk(chunk);
    }
    this.rows += score.length;
  }

  /** Runs the statement that writes them. */
  async write(sql: string): Promise<void> {
    this.#appender.flushSync();
    await this.#connection.run(sql);
  }

  /** Runs the query and gives the texts of its one column, some at a time, in its order. */
  async *texts(sql: string): AsyncGenerator<readonly string[]> {
    this.#appender.flushSync();
    const result = await this.#connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getColumnValues(0).map(String);
    }
  }

  interrupt(): void {
    if (!this.#closed) this.#connection.interrupt();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#appender.closeSync();
    this.#connection.disconnectSync();
  }
}
