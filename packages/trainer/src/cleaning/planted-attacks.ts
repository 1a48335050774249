import {
  contextColumns,
  type Endpoints,
  type PreprocessingSpec,
  transformFlows,
} from "@oddflow/preprocessing";
import { drawEvenly, type RandomStream, randomStream } from "../random.ts";
import { gatherRows, joinRows } from "../rows.ts";
import { columnRarity } from "./column-rarity.ts";
import { pickEndpoints } from "./host-groups.ts";
import { findUsualFlows, type UsualFlowsOptions } from "./usual-flows.ts";

/** Attacks that are made of a table's own flows, and come in bulk from one host each. */
export type PlantedKind =
  /** A usual flow again and again to one host, with as many flows and bytes around it as the table's busiest. */
  | "flood"
  /** A small usual flow to ever other hosts and services, with as many of them around it as the table's busiest. */
  | "scan"
  /** A usual flow again and again to one host, at even times. */
  | "beacon"
  /** One odd flow again and again. */
  | "copies";

/** Every kind of attack that is planted. */
export const PLANTED_KINDS: readonly PlantedKind[] = ["flood", "scan", "beacon", "copies"];

/** The share of each kind's planted flows that was found usual, 0 to 1: what cleaning would let a network learn. */
export type PlantedLeft = Readonly<Record<PlantedKind, number>>;

/** Of the table's flows that attacks are planted among; more would not change what is found. */
const MOST_ROWS = 2500;

/** Of all flows, each kind of attack. */
const SHARE = 0.0125;

/** How busy the busiest are. */
const BUSIEST = 0.999;

/** Copies differ by so much, as retried attacks do. */
const JITTER = 0.02;

/**
 * Plants attacks among some of the flows and tells how many of them the cleaning lets through: a figure of how well it fits the
 * table that needs no labels. Undefined where nothing is cleaned.
 *
 * @param flows row-major `[rows, columns]`, coded by `spec`
 */
export async function leftOfPlanted(
  spec: PreprocessingSpec,
  flows: Float32Array,
  options: UsualFlowsOptions,
): Promise<PlantedLeft | undefined> {
  const width = spec.columns.length;
  const random = randomStream(options.seed, "planted attacks");
  const rows = drawEvenly(flows.length / width, MOST_ROWS, random);
  const table = gatherRows(flows, width, rows);
  const count = Math.max(1, Math.round(SHARE * rows.length));
  const rarity = columnRarity(transformFlows(spec, table), spec);
  const byRarity = Uint32Array.from(rarity, (_, row) => row).sort(
    (a, b) => (rarity[a] as number) - (rarity[b] as number),
  );
  const planted = PLANTED_KINDS.map((kind) => plant(kind, spec, table, byRarity, count, random));
  const all = new Float32Array(table.length + planted.length * count * width);
  all.set(table);
  for (const [i, copies] of planted.entries()) all.set(copies, table.length + i * count * width);
  const endpoints =
    options.endpoints && withPlanted(pickEndpoints(options.endpoints, rows), rows.length, count, random);
  const found = await findUsualFlows(spec, all, { ...options, endpoints });
  if (found === undefined) return undefined;
  const left = new Map<number, number>();
  for (const row of found.usual) {
    const kind = Math.floor((row - rows.length) / count);
    if (kind >= 0) left.set(kind, (left.get(kind) ?? 0) + 1);
  }
  const shareOf = (kind: PlantedKind): number => (left.get(PLANTED_KINDS.indexOf(kind)) ?? 0) / count;
  return {
    flood: shareOf("flood"),
    scan: shareOf("scan"),
    beacon: shareOf("beacon"),
    copies: shareOf("copies"),
  };
}

/** Copies of one flow, `[count, columns]`; `byRarity` are the rows of the table, the least rare first. */
function plant(
  kind: PlantedKind,
  spec: PreprocessingSpec,
  table: Float32Array,
  byRarity: Uint32Array,
  count: number,
  random: RandomStream,
): Float32Array {
  const width = spec.columns.length;
  const candidates =
    kind === "copies"
      ? byRarity.subarray(Math.floor(0.99 * byRarity.length))
      : byRarity.subarray(0, Math.ceil(byRarity.length / 2));
  const drawn = candidates[random.below(candidates.length)] as number;
  const flow = table.slice(drawn * width, (drawn + 1) * width);
  raiseContext(kind, spec, table, flow);
  const copies = new Float32Array(count * width);
  for (let copy = 0; copy < count; copy++) {
    spec.columns.forEach(({ kind: column }, k) => {
      const value = flow[k] as number;
      const factor = column === "number" ? 1 + JITTER * (2 * random.uniform() - 1) : 1;
      copies[copy * width + k] = value * factor;
    });
  }
  return copies;
}

/** What an attack of this kind does to the context of its flows. */
function raiseContext(
  kind: PlantedKind,
  spec: PreprocessingSpec,
  table: Float32Array,
  flow: Float32Array,
): void {
  if (spec.context === undefined) return;
  const width = spec.columns.length;
  const raised = {
    flood: ["flows", "bytes", "packets"],
    scan: ["flows", "peers", "ports", "failed"],
    beacon: [],
    copies: [],
  };
  const measures: readonly string[] = raised[kind];
  const places = new Map(spec.columns.map(({ name }, k) => [name, k]));
  for (const { name, measure } of contextColumns(spec.context)) {
    const k = places.get(name);
    if (k === undefined) continue;
    if (kind === "beacon" && measure === "regularity") flow[k] = 0;
    if (!measures.includes(measure)) continue;
    const values = Float32Array.from(
      { length: table.length / width },
      (_, row) => table[row * width + k] as number,
    );
    values.sort();
    flow[k] = values[Math.floor(BUSIEST * (values.length - 1))] as number;
  }
}

/** Each kind comes from a host of its own; a scan goes everywhere, the others to one host. */
function withPlanted(table: Endpoints, rows: number, count: number, random: RandomStream): Endpoints {
  const next = (codes: Uint32Array): number => codes.reduce((most, code) => Math.max(most, code + 1), 0);
  const planted = (
    codes: Uint32Array,
    codeOf: (kind: number, copy: number, free: number) => number,
  ): Uint32Array => {
    const free = next(codes);
    return joinRows(
      codes,
      Uint32Array.from({ length: PLANTED_KINDS.length * count }, (_, i) =>
        codeOf(Math.floor(i / count), i % count, free),
      ),
    );
  };
  const scan = PLANTED_KINDS.indexOf("scan");
  const drawn = Uint32Array.from({ length: count }, () => random.below(rows));
  const target = (codes: Uint32Array): Uint32Array =>
    planted(codes, (kind, copy) => codes[drawn[kind === scan ? copy : kind % count] as number] as number);
  const { source, destination, service } = table;
  return {
    source: planted(source, (kind, _, free) => free + kind),
    destination: target(destination),
    ...(service === undefined ? {} : { service: target(service) }),
  };
}
