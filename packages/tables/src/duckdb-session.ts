import type { DuckDBConnection, DuckDBPreparedStatement, Json } from "@duckdb/node-api";
import { duckdbApi } from "./duckdb-api.ts";
import { findSpillFolder, removeSpillFolder } from "./spill-folder.ts";

/** A row of a small result, by column name; 64-bit integers come as text. */
export type ResultRow = Readonly<Record<string, Json>>;

/** An in-memory DuckDB of our own. */
export interface DuckdbSession {
  /** Runs one statement and reads its whole result: for results of a few rows. */
  query(sql: string): Promise<readonly ResultRow[]>;
  /** Has a `query` that is at work fail soon. */
  interrupt(): void;
  /** A connection for a long statement of its own; whoever asks for it disconnects it. */
  connect(): Promise<DuckDBConnection>;
  /** A statement that is planned once and runs many times, on a connection of its own. */
  prepare(sql: string): Promise<PreparedQuery>;
  /** Runs all that comes on so many threads. */
  useThreads(threads: number): Promise<void>;
  /** A folder of the session's own, made when it is needed; it goes with the session. */
  readonly folder: string;
  /** Frees everything, files that were spilled to disk included. */
  close(): void;
}

/** One at a time has it; it is given back or dropped. */
interface PreparedQuery {
  readonly connection: DuckDBConnection;
  readonly statement: DuckDBPreparedStatement;
  /** Keeps it for the next one who prepares the same statement; what it gave has been read to its end. */
  giveBack(): void;
  drop(): void;
}

/**
 * What may wait between DuckDB's threads and the reader of a stream. A row group of 33 columns is 16 MB of float32, and
 * each thread works on its own: with DuckDB's 1 MB the second thread waits for the first.
 */
const STREAM_BUFFER = "64MB";

/** One thread waits for nobody; what it reads ahead should stay in the processor's cache. */
const ONE_THREAD_STREAM_BUFFER = "1MB";

/**
 * Starts DuckDB. Nothing is downloaded, and nothing is written but spill files, which go to the system's temp folder.
 * @param threads one a core, where it is absent
 */
export async function startDuckdb(threads?: number): Promise<DuckdbSession> {
  const spillFolder = await findSpillFolder();
  const instance = await duckdbApi().DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    temp_directory: spillFolder,
    preserve_insertion_order: "true",
    // Every byte is read once, or once in each worker; kept, a large table's would fill the memory.
    enable_external_file_cache: "false",
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  let used = threads;
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    await connection.run(
      `SET streaming_buffer_size = '${used === 1 ? ONE_THREAD_STREAM_BUFFER : STREAM_BUFFER}'`,
    );
    // Times are written as text in the same way on every machine.
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  const connection = await connect();
  let open = true;
  let kept: (PreparedQuery & { readonly sql: string }) | undefined;
  const takeKept = (): typeof kept => {
    const taken = kept;
    kept = undefined;
    return taken;
  };
  const prepare = async (sql: string): Promise<PreparedQuery> => {
    const taken = takeKept();
    if (taken?.sql === sql) return taken;
    taken?.drop();
    const own = await connect();
    const statement = await own.prepare(sql).catch((thrown: unknown) => {
      own.disconnectSync();
      throw thrown;
    });
    const drop = (): void => {
      statement.destroySync();
      own.disconnectSync();
    };
    const query = { sql, connection: own, statement, drop, giveBack };
    function giveBack(): void {
      takeKept()?.drop();
      if (open) kept = query;
      else drop();
    }
    return query;
  };
  return {
    query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    interrupt: () => connection.interrupt(),
    connect,
    prepare,
    folder: spillFolder,
    async useThreads(count) {
      used = count;
      await connection.run(`SET threads = ${count}`);
    },
    close() {
      if (!open) return;
      open = false;
      takeKept()?.drop();
      connection.disconnectSync();
      instance.closeSync();
      removeSpillFolder(spillFolder);
    },
  };
}
