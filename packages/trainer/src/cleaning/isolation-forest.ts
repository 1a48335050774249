import { type RandomStream, randomStream, shuffle } from "../random.ts";

/** Numbers of the paper: more trees or larger samples change its scores little. */
const TREES = 100;
const SAMPLE = 256;

interface Tree {
  /** The feature that a node splits on; -1 in a leaf. */
  readonly feature: Int32Array;
  /** A row goes left when its value is not above this. */
  readonly threshold: Float32Array;
  /** Of the left child; the right one follows it. */
  readonly child: Int32Array;
  /** Steps from the root, and in a leaf those that its rows would still need. */
  readonly depth: Float32Array;
}

/** A fitted forest. */
export interface IsolationForest {
  readonly trees: readonly Tree[];
  readonly width: number;
}

/**
 * Liu, Ting and Zhou (2008), Isolation Forest: random splits set an odd row apart in few steps. Fitted on the `chosen`
 * rows of row-major `[rows, width]` values, at least one.
 */
export function fitIsolationForest(
  values: Float32Array,
  width: number,
  chosen: Uint32Array,
  seed: number,
): IsolationForest {
  const random = randomStream(seed, "isolation forest");
  const trees: Tree[] = [];
  for (let i = 0; i < TREES; i++) trees.push(growTree(values, width, drawRows(chosen, random), random));
  return { trees, width };
}

/** The mean number of steps that set each row apart, negated: higher is odder. One a row. */
export function isolationScores(forest: IsolationForest, values: Float32Array): Float32Array {
  const { trees, width } = forest;
  return Float32Array.from({ length: values.length / width }, (_, row) => {
    let steps = 0;
    for (const { feature, threshold, child, depth } of trees) {
      let node = 0;
      for (let k = feature[0] as number; k >= 0; k = feature[node] as number) {
        const right = (values[row * width + k] as number) > (threshold[node] as number) ? 1 : 0;
        node = (child[node] as number) + right;
      }
      steps += depth[node] as number;
    }
    return -steps / trees.length;
  });
}

function growTree(values: Float32Array, width: number, sample: Uint32Array, random: RandomStream): Tree {
  const most = 2 * sample.length;
  const tree = {
    feature: new Int32Array(most).fill(-1),
    threshold: new Float32Array(most),
    child: new Int32Array(most),
    depth: new Float32Array(most),
  };
  const deepest = Math.ceil(Math.log2(Math.max(2, sample.length)));
  const waiting = [{ node: 0, rows: sample, depth: 0 }];
  let nodes = 1;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, rows, depth } = next;
    const split = depth < deepest && rows.length > 1 ? drawSplit(values, width, rows, random) : undefined;
    if (split === undefined) {
      tree.depth[node] = depth + stepsLeft(rows.length);
      continue;
    }
    tree.feature[node] = split.feature;
    tree.threshold[node] = split.threshold;
    tree.child[node] = nodes;
    const isRight = (row: number): boolean =>
      (values[row * width + split.feature] as number) > split.threshold;
    waiting.push({ node: nodes, rows: rows.filter((row) => !isRight(row)), depth: depth + 1 });
    waiting.push({ node: nodes + 1, rows: rows.filter(isRight), depth: depth + 1 });
    nodes += 2;
  }
  return tree;
}

/** A feature that varies among the rows, and a value between its extremes; undefined where none varies. */
function drawSplit(
  values: Float32Array,
  width: number,
  rows: Uint32Array,
  random: RandomStream,
): { feature: number; threshold: number } | undefined {
  const features = shuffle(
    Uint32Array.from({ length: width }, (_, k) => k),
    random,
  );
  for (const feature of features) {
    let low = Infinity;
    let high = -Infinity;
    for (const row of rows) {
      const value = values[row * width + feature] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high > low)) continue;
    const threshold = Math.fround(low + random.uniform() * (high - low));
    // Rounded up to the highest value, it would leave nothing to the right.
    return { feature, threshold: threshold < high ? threshold : low };
  }
  return undefined;
}

/** Mean steps of an unsuccessful search in a binary search tree of so many rows: equation 1 of the paper. */
function stepsLeft(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + 0.577_215_664_901_532_9) - (2 * (rows - 1)) / rows;
}

/** Without putting back. */
function drawRows(rows: Uint32Array, random: RandomStream): Uint32Array {
  const pool = rows.slice();
  const size = Math.min(SAMPLE, pool.length);
  for (let i = 0; i < size; i++) {
    const j = i + random.below(pool.length - i);
    const drawn = pool[j] as number;
    pool[j] = pool[i] as number;
    pool[i] = drawn;
  }
  return pool.subarray(0, size);
}
