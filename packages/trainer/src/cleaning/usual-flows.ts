import { type Endpoints, featureCount, type PreprocessingSpec, transformFlows } from "@oddflow/preprocessing";
import type { Cleaning } from "../detector.ts";
import { columnRarity } from "./column-rarity.ts";
import { covarianceDistances } from "./covariance-distance.ts";
import { fewOfEachKind } from "./few-of-each.ts";
import { oddByCompany } from "./host-groups.ts";
import { fitIsolationForest, isolationScores } from "./isolation-forest.ts";
import { isOddInAll, isOddInMost } from "./oddness.ts";

/** Below this many training flows there is no telling a rare kind of usual traffic from an attack. */
const FEWEST_TO_CLEAN = 500;

/**
 * The share of the training flows that is taken for odd at first, when nobody says how many are. What keeps usual company is taken
 * back where hosts are known, so that the share may be larger there.
 */
const FIRST_SHARE = { withHosts: 0.2, withoutHosts: 0.15 };

/** Which of the training flows a network learns from. Row numbers, rising. */
export interface UsualFlows {
  /** Those that are usual, alone or by the company that they keep. */
  readonly usual: Uint32Array;
  /** The same and a few of every kind that was left out. */
  readonly varied: Uint32Array;
}

/** How the usual flows are found. */
export interface UsualFlowsOptions {
  readonly clean: Cleaning;
  /** Of the flows, where they are known. */
  readonly endpoints?: Endpoints | undefined;
  readonly seed: number;
}

/**
 * Tells which training flows are usual, without labels. Undefined where nothing is to be left out: cleaning is off, there are too
 * few flows, or all are alike.
 *
 * Flows are judged in views that are too simple to be bent by attacks in bulk: how rare a flow's values are column by column, how soon
 * random splits set it apart, and how far it lies from the table's own covariance. Where hosts are known, the first two together say
 * what is odd by itself, and each flow is judged by its hosts' other flows. Elsewhere two of the three have to agree, since attacks can
 * look usual in one view, and a rare usual flow odd in another.
 *
 * @param flows row-major `[rows, columns]`, coded by `spec`
 */
export async function findUsualFlows(
  spec: PreprocessingSpec,
  flows: Float32Array,
  { clean, endpoints, seed }: UsualFlowsOptions,
): Promise<UsualFlows | undefined> {
  const rows = flows.length / spec.columns.length;
  if (clean === "off" || rows < FEWEST_TO_CLEAN) return undefined;
  const width = featureCount(spec);
  const features = transformFlows(spec, flows);
  const share =
    typeof clean === "number" ? clean : FIRST_SHARE[endpoints === undefined ? "withoutHosts" : "withHosts"];
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const views = [
    columnRarity(features, spec),
    isolationScores(fitIsolationForest(features, width, all, seed), features),
  ];
  const isOdd =
    endpoints === undefined
      ? isOddInMost([...views, await covarianceDistances(features, width, seed)], share)
      : oddByCompany(isOddInAll(views, share), endpoints);
  const left = all.filter((row) => isOdd[row] === 1);
  if (left.length === 0) return undefined;
  const few = fewOfEachKind(features, width, spec.columns.length, left, { endpoints, seed });
  const usual = all.filter((row) => isOdd[row] === 0);
  for (const row of few) isOdd[row] = 0;
  return { usual, varied: all.filter((row) => isOdd[row] === 0) };
}
