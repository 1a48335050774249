import type { RequestScoring, ScoreQuery, Scoring } from "@oddflow/edge-service";
import type { Scorer } from "@oddflow/inference";
import { type ContextCounts, OddflowError } from "@oddflow/preprocessing";
import type { RuleSet } from "@oddflow/rules";
import { bundledProgram } from "../bundled-program.ts";
import type { ServingContext } from "./serving-context.ts";
import { ServingLane, unscoredPart } from "./serving-lane.ts";
import type { ServingStart } from "./serving-thread.ts";
import { SmallRequests } from "./small-requests.ts";

export interface ServingThreadsOptions {
  readonly start: Omit<ServingStart, "hashKey">;
  readonly threads: number;
  /** Of this thread, for requests of a few flows; without it they go to threads as others do. */
  readonly scorer?: Scorer | undefined;
  /** Of a model that sees flows in their context. */
  readonly context?: ServingContext | undefined;
  /** Hears of a thread that ended, in whose place another was started. */
  readonly onLost: (problem: string) => void;
  /** What the threads run, where that is not `serving-thread`. */
  readonly program?: URL;
}

/**
 * Scores records in threads, each with a session of its own; a few by themselves in this one. A request stays with the thread that
 * had the least to do when its first bytes came. One that ends in spite of itself is replaced; the requests that it had are told
 * so. What a model that sees flows in their context counts is counted here, in one place and in the order in which the flows' bytes
 * were taken, by a thread or by this one.
 */
export class ServingThreads implements Scoring {
  /** Rejects when there is no thread to be had any more, with OddflowError WORKER_LOST. */
  readonly failed: Promise<never>;
  readonly #options: ServingThreadsOptions;
  readonly #lanes: ServingLane[];
  readonly #small: SmallRequests | undefined;
  #rules: RuleSet | undefined;
  #fail: (error: unknown) => void = () => {};
  #requests = 0;
  #whenIdle: (() => void)[] = [];
  #isEnding = false;

  private constructor(options: ServingThreadsOptions) {
    const { context, scorer, start } = options;
    this.#options = options;
    this.#rules = start.rules;
    this.#small = scorer && new SmallRequests({ scorer, limits: start.limits, rules: start.rules, context });
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // It is for who looks at it.
    this.failed.catch(() => undefined);
    this.#lanes = Array.from({ length: options.threads }, (_, place) => this.#startLane(place));
  }

  /** @throws what opening the model throws in a thread */
  static async start(options: ServingThreadsOptions): Promise<ServingThreads> {
    const threads = new ServingThreads(options);
    try {
      await Promise.all(threads.#lanes.map(({ opened }) => opened));
    } catch (error) {
      await threads.end();
      throw error;
    }
    return threads;
  }

  open(query: ScoreQuery): RequestScoring {
    const request = this.#requests++;
    let lane: ServingLane | undefined;
    let small: RequestScoring | undefined;
    let isClosed = false;
    return {
      score: async (bytes, isLast) => {
        // Its thread knows nothing of it any more.
        if (isClosed) return unscoredPart();
        const isFirst = lane === undefined && small === undefined;
        if (isFirst && this.#small?.takes(query, bytes, isLast)) small = this.#small.open(query);
        try {
          if (small !== undefined) return await small.score(bytes, isLast);
          lane ??= this.#leastLoaded();
          const first = isFirst ? query : undefined;
          return await lane.score({ kind: "score", request, query: first, bytes, isLast });
        } finally {
          this.#tellIfIdle();
        }
      },
      close: () => {
        isClosed = true;
        small?.close();
        lane?.close(request);
      },
    };
  }

  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#tellIfIdle();
    });
  }

  /** Has rules act on requests that come from now on. */
  changeRules(rules: RuleSet): void {
    this.#rules = rules;
    this.#small?.changeRules(rules);
    for (const lane of this.#lanes) lane.changeRules(rules);
  }

  async contextCounts(): Promise<Readonly<ContextCounts> | undefined> {
    return this.#options.context?.encoder.counts;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#lanes.map((lane) => lane.end()));
  }

  #leastLoaded(): ServingLane {
    return this.#lanes.reduce((least, lane) => (lane.load < least.load ? lane : least));
  }

  #startLane(place: number): ServingLane {
    const { program = bundledProgram("serving-thread"), onLost, context } = this.#options;
    const start = { ...this.#options.start, rules: this.#rules, hashKey: context?.encoder.hashKey };
    let hasOpened = false;
    const lane = new ServingLane(program, start, context, (thrown) => {
      if (this.#isEnding) return;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      // What ends before it has begun would end again and again.
      if (!hasOpened) this.#fail(new OddflowError("WORKER_LOST", `serve: no thread can be started: ${why}`));
      else {
        onLost(`${why}; another takes its place`);
        this.#lanes[place] = this.#startLane(place);
      }
    });
    lane.opened.then(
      () => {
        hasOpened = true;
      },
      (error: unknown) => this.#fail(error),
    );
    return lane;
  }

  #tellIfIdle(): void {
    if (!this.#lanes.every(({ isIdle }) => isIdle) || this.#small?.areDone === false) return;
    for (const tell of this.#whenIdle) tell();
    this.#whenIdle = [];
  }
}
