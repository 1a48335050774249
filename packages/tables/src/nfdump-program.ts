import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { OddflowError } from "@oddflow/preprocessing";

/** Letters of what the program says of an error that are shown. */
const LONGEST_SHOWN = 200;

/**
 * Reads a file of flows as nfcapd, nfpcapd and sfcapd write it, with the user's own nfdump program, which alone knows all layouts.
 * @returns JSON, a piece at a time: a list of records, or lines of them, as the program's version has it
 * @throws OddflowError TABLE_UNREADABLE where there is no such program, or it cannot read the file
 */
export async function* runNfdump(path: string): AsyncGenerator<Uint8Array> {
  const program = spawn("nfdump", ["-r", resolve(path), "-o", "json"], {
    stdio: ["ignore", "pipe", "pipe"],
    // It writes times of the zone that it runs in, without a word of which.
    env: { ...process.env, TZ: "UTC" },
  });
  let said = "";
  program.stderr.on("data", (piece: Buffer) => {
    if (said.length < LONGEST_SHOWN) said += piece.toString();
  });
  const ended = new Promise<number | Error>((take) => {
    program.once("error", take);
    program.once("close", (code, signal) => take(code ?? new Error(`ended by ${signal}`)));
  });
  try {
    yield* program.stdout;
    const result = await ended;
    if (result === 0) return;
    const isAbsent = result instanceof Error && "code" in result && result.code === "ENOENT";
    throw new OddflowError(
      "TABLE_UNREADABLE",
      isAbsent
        ? `open table: ${path} is a file of nfdump's, which its own program reads: install nfdump, or write CSV with ` +
            "`nfdump -r FILE -o csv` where it is installed"
        : `open table: ${path} cannot be read by nfdump (${said.trim().split("\n")[0]?.slice(0, LONGEST_SHOWN) || result}); ` +
            "use the version of nfdump that wrote it",
    );
  } finally {
    program.kill();
  }
}
