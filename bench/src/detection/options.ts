import { resolve } from "node:path";
import yargs from "yargs";
import { CASE_NAMES, chooseTables, type DetectionTable, ownTable, TABLES } from "./cases.ts";
import { PEER_NAMES, type PeerName } from "./peers.ts";

export interface DetectionOptions {
  readonly tables: readonly DetectionTable[];
  readonly seeds: readonly number[];
  readonly peers: readonly PeerName[];
  readonly oddflow: boolean;
  /** Tells the results of a part from those of a whole run; empty for a whole one. */
  readonly suffix: string;
}

/** Reads the command line; ends the process on a wrong one. */
export async function readOptions(args: readonly string[]): Promise<DetectionOptions> {
  // pnpm hands on the -- that npm would take away.
  const parsed = await yargs(args[0] === "--" ? args.slice(1) : args)
    .scriptName("pnpm bench:detection")
    .usage("$0: Oddflow's detector and its peers on the same splits of the same tables")
    .option("case", {
      requiresArg: true,
      type: "string",
      describe: `Cases, with commas between them: ${CASE_NAMES.join(", ")}; unsw is all of unsw-...  [default: all]`,
    })
    .option("table", {
      requiresArg: true,
      type: "string",
      array: true,
      default: [] as string[],
      describe:
        "A labelled table of your own, in the place of all cases or beside those of --case; again for more",
    })
    .option("seeds", { requiresArg: true, type: "number", default: 1, describe: "How many seeds" })
    .option("seed-from", { requiresArg: true, type: "number", default: 1, describe: "The first of them" })
    .option("peers", {
      requiresArg: true,
      type: "string",
      default: PEER_NAMES.join(","),
      describe: "Peers, with commas between them, or none",
    })
    .option("oddflow", {
      type: "boolean",
      default: true,
      describe: "Train Oddflow; --no-oddflow runs the peers alone",
    })
    .strict()
    .version(false)
    .showHelpOnFail(false)
    .wrap(110)
    .check(({ seeds, seedFrom, case: names, peers }) => {
      if (!Number.isInteger(seeds) || seeds < 1)
        throw new Error("--seeds: expected a whole number from 1 on");
      if (!Number.isInteger(seedFrom)) throw new Error("--seed-from: expected a whole number");
      if (names !== undefined && chooseTables(names.split(",")) === undefined)
        throw new Error(`--case ${names}: there are ${CASE_NAMES.join(", ")}`);
      if (peersOf(peers) === undefined)
        throw new Error(`--peers ${peers}: there are ${PEER_NAMES.join(", ")}; or none`);
      return true;
    })
    .parseAsync();
  const { case: names, table, seeds, seedFrom, oddflow } = parsed;
  const own = table.map((path) => ownTable(resolve(path)));
  const peers = peersOf(parsed.peers) ?? [];
  return {
    tables: [
      ...(names === undefined ? (own.length > 0 ? [] : TABLES) : (chooseTables(names.split(",")) ?? [])),
      ...own,
    ],
    seeds: Array.from({ length: seeds }, (_, i) => seedFrom + i),
    peers,
    oddflow,
    suffix: [
      ...(names === undefined ? [] : names.split(",")),
      ...own.map(({ name }) => name),
      ...(peers.length === PEER_NAMES.length ? [] : ["peers", ...(peers.length === 0 ? ["none"] : peers)]),
      ...(oddflow ? [] : ["no-oddflow"]),
    ]
      .map((part) => `-${part}`)
      .join(""),
  };
}

/** In their own order. Undefined for an unknown name. */
function peersOf(list: string): readonly PeerName[] | undefined {
  if (list === "none") return [];
  const names = new Set(list.split(","));
  const peers = PEER_NAMES.filter((name) => names.has(name));
  return peers.length === names.size ? peers : undefined;
}
