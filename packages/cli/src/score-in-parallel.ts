import type { Scorer } from "@oddflow/inference";
import type { FlowTable, PartsWriter, RowRange, WrittenPart } from "@oddflow/tables";
import { OddestFlows } from "./oddest-flows.ts";
import { scorePart } from "./score-part.ts";
import type { ScoreTableSummary } from "./score-table.ts";
import { fromFailure } from "./scoring-messages.ts";
import type { FinishedPart, PartOrder, ScoringTask } from "./scoring-task.ts";
import { endWorkers, type ScoringCrew, type ScoringWorker } from "./scoring-workers.ts";

/**
 * While so many parts a worker are left, each has its next part before it has done with one, and waits for nobody. After
 * that, whoever is free takes the next.
 */
const ORDERED_AHEAD = 3;

/** Milliseconds between two looks at how far the workers are. */
const PROGRESS_INTERVAL = 200;

export interface ScoreInParallelOptions {
  /** The table's, in their order. */
  readonly ranges: readonly RowRange[];
  /** Its workers have been told to end when the scores are there. */
  readonly crew: ScoringCrew;
  /** What this process scores with, beside the workers: a scan and a session of one thread. */
  readonly table: FlowTable;
  readonly scorer: Scorer;
  readonly signal: AbortSignal;
  readonly onProgress: (flows: number) => void;
}

/**
 * Scores the ranges of a table in processes that share nothing, each with its own scan, session and output, and puts what
 * they write together in the table's order. The scores are those of `scoreTable`, to the last bit. All workers have been
 * told to end when it returns, and have ended when it throws.
 * @throws what a worker throws; the signal's reason when it is aborted.
 */
export async function scoreInParallel(
  task: ScoringTask,
  writer: PartsWriter,
  { ranges, crew, table, scorer, signal, onProgress }: ScoreInParallelOptions,
): Promise<ScoreTableSummary> {
  const summaries: ScoreTableSummary[] = [];
  const joining = new InOrder<WrittenPart>((part, written) => writer.append(part, written));
  const failing = new AbortController();
  let firstRow = 0;
  let ordered = 0;
  let ownFlows = 0;
  let problem: { readonly thrown: unknown } | undefined;
  let ending: Promise<void> = Promise.resolve();

  const fail = (thrown: unknown): void => {
    if (problem !== undefined) return;
    problem = { thrown };
    failing.abort();
    ending = endWorkers(crew);
  };
  const nextOrder = (): PartOrder | undefined => {
    const range = ranges[ordered];
    if (range === undefined || problem !== undefined) return undefined;
    const order: PartOrder = {
      kind: "part",
      task,
      part: ordered,
      range,
      firstRow,
      target: writer.target(ordered),
    };
    firstRow += range.rows;
    ordered++;
    return order;
  };
  const done = (part: number, { summary, written }: FinishedPart): void => {
    summaries[part] = summary;
    joining.done(part, written).catch(fail);
  };
  /** Gives a worker parts until there are no more, or it ends. */
  const employ = (worker: ScoringWorker): Promise<void> =>
    new Promise((resolve) => {
      let waiting = 0;
      const order = (): void => {
        const isEarly = ranges.length - ordered > ORDERED_AHEAD * (crew.workers.length + 1);
        while (waiting < (isEarly ? 2 : 1)) {
          const next = nextOrder();
          worker.send(next ?? { kind: "end" });
          if (next === undefined) {
            resolve();
            return;
          }
          waiting++;
        }
      };
      worker.onMessage((message) => {
        if (message.kind === "failed") {
          fail(fromFailure(message.failure));
          return;
        }
        waiting--;
        // First, since adding a part to the file takes time.
        order();
        done(message.part, message);
      });
      worker.ended.then((thrown) => {
        if (thrown !== undefined) fail(thrown);
        resolve();
      });
      order();
    });
  const onScored = (flows: number): void => {
    ownFlows += flows;
  };
  const scoreOwn = async (): Promise<void> => {
    for (let order = nextOrder(); order !== undefined; order = nextOrder()) {
      done(order.part, await scorePart(table, scorer, order, { signal: failing.signal, onScored }));
    }
  };
  const stop = (): void => fail(signal.reason);

  signal.addEventListener("abort", stop);
  const looking = setInterval(() => onProgress(crew.scored() + ownFlows), PROGRESS_INTERVAL);
  try {
    if (signal.aborted) stop();
    await Promise.all([...crew.workers.map(employ), scoreOwn().catch(fail)]);
    await joining.idle().catch(fail);
    await ending;
  } finally {
    clearInterval(looking);
    signal.removeEventListener("abort", stop);
  }
  if (problem !== undefined) throw (problem as { readonly thrown: unknown }).thrown;
  if (joining.count !== ranges.length) throw new Error("score: a worker ended before its part was scored");
  return sumUp(summaries, task.oddest);
}

/** Does something for each of 0, 1, 2, ..., in this order and one at a time, whatever the order in which they are done. */
class InOrder<T> {
  /** For how many it has been begun. */
  count = 0;
  readonly #act: (number: number, item: T) => Promise<void>;
  readonly #waiting = new Map<number, T>();
  #last: Promise<void> = Promise.resolve();

  constructor(act: (number: number, item: T) => Promise<void>) {
    this.#act = act;
  }

  done(number: number, item: T): Promise<void> {
    this.#waiting.set(number, item);
    while (this.#waiting.has(this.count)) {
      const next = this.count++;
      const own = this.#waiting.get(next) as T;
      this.#waiting.delete(next);
      this.#last = this.#last.then(() => this.#act(next, own));
    }
    return this.#last;
  }

  /** Waits for all that was begun. */
  idle(): Promise<void> {
    return this.#last;
  }
}

function sumUp(parts: readonly ScoreTableSummary[], count: number): ScoreTableSummary {
  const width = parts.flatMap(({ oddest }) => oddest)[0]?.values.length ?? 0;
  const oddest = new OddestFlows(count, width);
  const unseen = new Map<string, number>();
  const sums = { flows: 0, alerts: 0, missing: 0 };
  for (const part of parts) {
    sums.flows += part.flows;
    sums.alerts += part.alerts;
    sums.missing += part.missing;
    for (const [column, found] of part.unseen) unseen.set(column, (unseen.get(column) ?? 0) + found);
    // In the order of the table: among equal scores the first is kept.
    for (const { row, score, values } of part.oddest.toSorted((a, b) => a.row - b.row)) {
      oddest.add(row, Float32Array.of(score), values);
    }
  }
  return { ...sums, unseen, oddest: oddest.flows };
}
