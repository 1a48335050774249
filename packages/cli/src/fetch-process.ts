import { type FetchedFiles, fetchFiles } from "@oddflow/tables";
import { type SentError, sentError } from "./scoring-messages.ts";

/*
 * The process that fetches flows. While a server does not answer, DuckDB hears of nothing, and the keys of object stores that it is told are
 * not for one that reads files of strangers: so it is a process of its own, which is ended when nobody waits for it any more.
 */

export interface FetchOrder {
  readonly flows: readonly string[];
  /** Where copies go. */
  readonly folder: string;
}

export type FetchReport =
  | { readonly kind: "found"; readonly files: number; readonly bytes: number }
  | { readonly kind: "progress"; readonly bytes: number }
  | { readonly kind: "fetched"; readonly fetched: FetchedFiles }
  | { readonly kind: "failed"; readonly failure: SentError };

// A terminal's Ctrl-C comes to all processes; the one that started this one ends it, or is no more.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.once("message", (order: FetchOrder) => void carryOut(order));

async function carryOut({ flows, folder }: FetchOrder): Promise<void> {
  try {
    const fetched = await fetchFiles(flows, {
      folder,
      onFound: (files, bytes) => say({ kind: "found", files, bytes }),
      onProgress: (bytes) => say({ kind: "progress", bytes }),
    });
    say({ kind: "fetched", fetched });
  } catch (error) {
    say({ kind: "failed", failure: sentError(error) });
  }
}

function say(report: FetchReport): void {
  process.send?.(report);
}
