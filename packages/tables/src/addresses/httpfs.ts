import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { OddflowError } from "@oddflow/preprocessing";
import { duckdbApi } from "../duckdb-api.ts";
import { reasonOf } from "../read-failure.ts";
import { textSql } from "../sql-text.ts";
import { secretsSql } from "./secrets-sql.ts";

/*
 * DuckDB's extension httpfs reads addresses. It is no part of Oddflow, and never fetched by it: who has it has put it where DuckDB's
 * own INSTALL puts it. Without it nothing here can reach beyond this machine.
 */

/** The extension as it is found on this machine. */
export interface HttpfsDescription {
  /** What it must be made for: DuckDB's version, and the machine in DuckDB's words, "linux_amd64". */
  readonly version: string;
  readonly platform: string;
  /** Where it is looked for. */
  readonly file: string;
  readonly available: boolean;
  /** Why it cannot be had. */
  readonly reason?: string;
}

/** A DuckDB that reads addresses and nothing else; it forgets what it knew of them with the process. */
export interface HttpfsSession {
  /** A connection for one statement after the other; whoever asks for it disconnects it. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/** Looks whether the extension is there and can be loaded. Nothing is fetched, and nothing written. */
export async function describeHttpfs(): Promise<HttpfsDescription> {
  const instance = await createInstance(undefined);
  try {
    const connection = await instance.connect();
    try {
      const place = await findHttpfs(connection);
      if (!existsSync(place.file)) return { ...place, available: false, reason: `there is no ${place.file}` };
      const refusal = await connection.run(`LOAD ${textSql(place.file)}`).then(() => undefined, reasonOf);
      return refusal === undefined
        ? { ...place, available: true }
        : { ...place, available: false, reason: refusal };
    } finally {
      connection.disconnectSync();
    }
  } finally {
    instance.closeSync();
  }
}

/**
 * Starts a DuckDB with the extension, and tells it the environment's keys of object stores.
 * @param address one that is to be read, for the message
 * @param folder for temporary files
 * @throws OddflowError USAGE where the extension cannot be had, or the environment cannot be understood
 */
export async function startHttpfs(address: string, folder: string): Promise<HttpfsSession> {
  const secrets = secretsSql(process.env);
  const { available, version, file, reason = "" } = await describeHttpfs();
  if (!available) {
    throw new OddflowError(
      "USAGE",
      `read ${address}: DuckDB's extension httpfs reads addresses, and ${reason}; put the one for DuckDB ${version} there ` +
        "(npx pnpm@10 install-httpfs, or INSTALL httpfs in that DuckDB), copy the files here by other means, or have Polars or " +
        "pyarrow read them and score what they send: oddflow score - --from arrow",
    );
  }
  const instance = await createInstance(folder);
  const connection = await instance.connect();
  try {
    await connection.run(`LOAD ${textSql(file)}`);
    for (const statement of secrets) {
      // DuckDB quotes the statement that it refuses, and that has keys in it.
      await connection.run(statement).catch(() => {
        throw new OddflowError(
          "USAGE",
          `read ${address}: DuckDB does not take the keys or the certificates that the environment names; look at AWS_*, GS_* and SSL_CERT_FILE`,
        );
      });
    }
  } catch (thrown) {
    connection.disconnectSync();
    instance.closeSync();
    throw thrown;
  }
  return {
    connect: () => instance.connect(),
    close() {
      connection.disconnectSync();
      instance.closeSync();
    },
  };
}

function createInstance(folder: string | undefined) {
  return duckdbApi().DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_persistent_secrets: "false",
    // In their order rows are copied twice before they are written, and a row is a file here.
    preserve_insertion_order: "false",
    enable_external_file_cache: "false",
    ...(folder === undefined ? {} : { temp_directory: folder }),
  });
}

/** Where DuckDB's INSTALL puts the extension. */
async function findHttpfs(
  connection: DuckDBConnection,
): Promise<Pick<HttpfsDescription, "version" | "platform" | "file">> {
  const version = duckdbApi().version();
  const rows = (await connection.runAndReadAll("PRAGMA platform")).getRowObjectsJson();
  const platform = String(rows[0]?.["platform"]);
  const file = join(homedir(), ".duckdb", "extensions", version, platform, "httpfs.duckdb_extension");
  return { version, platform, file };
}
