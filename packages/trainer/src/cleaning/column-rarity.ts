import { featureCount, featureWidth, type PreprocessingSpec } from "@oddflow/preprocessing";

/** Bins of a number, of equal width over the features' range. */
const BINS = 20;

/** Where the spec sets its features no limit, numbers beyond this share the outermost bins. */
const WIDEST = 5;

/** Added to every bin's count, so that one that no flow is in is rare and not impossible. */
const HALF_A_FLOW = 0.5;

/**
 * How rare each row's values are, column by column: the mean over the columns of -ln of the share of rows in the same bin.
 * Higher is odder. A histogram a column (Goldstein and Dengel 2012, Histogram-based outlier score): too simple a picture to be
 * bent by attacks that come in bulk.
 *
 * `features` is row-major `[rows, features]`, as `transformFlows` gives them by `spec`.
 */
export function columnRarity(features: Float32Array, spec: PreprocessingSpec): Float32Array {
  const width = featureCount(spec);
  const rows = features.length / width;
  const rarity = new Float32Array(rows);
  const bins = new Uint32Array(rows);
  const limit = spec.featureLimit ?? WIDEST;
  let first = 0;
  for (const column of spec.columns) {
    const values = featureWidth(column);
    if (values === 0) continue;
    const isNumber = column.kind === "number" || column.encoding === "label";
    for (let row = 0; row < rows; row++) {
      const from = row * width + first;
      bins[row] = isNumber ? binOf(features[from] as number, limit) : largestOf(features, from, values);
    }
    addRarity(rarity, bins, isNumber ? BINS : values);
    first += values;
  }
  return rarity.map((sum) => sum / spec.columns.length);
}

function addRarity(rarity: Float32Array, bins: Uint32Array, count: number): void {
  const counts = new Float64Array(count).fill(HALF_A_FLOW);
  for (const bin of bins) counts[bin] = (counts[bin] as number) + 1;
  const sum = counts.reduce((all, one) => all + one, 0);
  const surprise = counts.map((one) => -Math.log(one / sum));
  bins.forEach((bin, row) => {
    rarity[row] = (rarity[row] as number) + (surprise[bin] as number);
  });
}

function binOf(value: number, limit: number): number {
  const bin = Math.floor(((value + limit) / (2 * limit)) * BINS);
  return Math.min(BINS - 1, Math.max(0, bin));
}

function largestOf(values: Float32Array, from: number, count: number): number {
  let largest = 0;
  for (let k = 1; k < count; k++) {
    if ((values[from + k] as number) > (values[from + largest] as number)) largest = k;
  }
  return largest;
}
