/*
 * How a call's rows are cut into runs of the graph, so that a flow's score and column errors hang on nothing but its row.
 *
 * onnxruntime computes logarithms a vector at a time and by the C library for what is left over, and the two differ in the
 * last bit. What is left over is decided by how many values an operation has and by how it is cut for several threads:
 * `ThreadPool::ParallelFor` and `CalculateParallelForBlock` in core/common/threadpool.cc of the ONNX Runtime repository.
 */

/**
 * A vector of onnxruntime's logarithms has so many values, whatever the processor has: its packages are built for SSE2, NEON and
 * WebAssembly's SIMD. With a multiple of it as rows, every operation of one thread has whole vectors only.
 */
const VALUES_AT_ONCE = 4;

/** Of several threads: a multiple of it that is whole vectors for any build. */
const ROWS_AT_ONCE = 16;

/**
 * An operation is cut into at most so many blocks a thread: 4, and 16 on processors with two kinds of cores. With so many
 * times 16 rows a thread the blocks are whole vectors.
 */
const BLOCKS_A_THREAD = 16;

/** A block of logarithms has at least so many values (40,000 cycles by onnxruntime's reckoning, 16.4 a value), whole vectors or not. */
const VALUES_A_BLOCK = 2442;

/** The rows of one run of the graph. */
export interface PlannedRun {
  readonly first: number;
  /** The rows that count, and those that the graph gets: the same or more, filled up with empty ones. */
  readonly rows: number;
  readonly filledRows: number;
  /** Whether the session of several threads runs it. */
  readonly parallel: boolean;
}

/** What a session of several threads can take. */
export interface ParallelRows {
  /** Its runs have a multiple of these rows. */
  readonly multiple: number;
  /** And at least so many. */
  readonly least: number;
  /** And at most so many. */
  readonly most: number;
}

/**
 * @param threads 2 or more
 * @param narrowest the fewest values a row has in any operation whose results are not exact; 1 or more
 * @param batchSize flows that a run should have
 */
export function parallelRows(threads: number, narrowest: number, batchSize: number): ParallelRows {
  const multiple = ROWS_AT_ONCE * BLOCKS_A_THREAD * threads;
  const least = multipleOf(multiple, (VALUES_A_BLOCK * BLOCKS_A_THREAD * threads) / narrowest);
  return { multiple, least, most: Math.max(least, multipleOf(multiple, batchSize)) };
}

/** The runs for a call's rows, in their order; what is not for several threads in runs of up to `rowsARun`, a multiple of 4. */
export function planRuns(rows: number, parallel: ParallelRows | undefined, rowsARun: number): PlannedRun[] {
  const runs: PlannedRun[] = [];
  let first = 0;
  while (parallel !== undefined && rows - first >= parallel.least) {
    const whole = Math.floor((rows - first) / parallel.multiple) * parallel.multiple;
    const taken = Math.min(whole, parallel.most);
    runs.push({ first, rows: taken, filledRows: taken, parallel: true });
    first += taken;
  }
  for (; first < rows; first += rowsARun) {
    const taken = Math.min(rowsARun, rows - first);
    runs.push({ first, rows: taken, filledRows: multipleOf(VALUES_AT_ONCE, taken), parallel: false });
  }
  return runs;
}

/** The smallest multiple of `unit` that is not below `value`. */
function multipleOf(unit: number, value: number): number {
  return Math.ceil(value / unit) * unit;
}
