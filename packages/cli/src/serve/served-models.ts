import {
  createScoringService,
  type ModelOptions,
  type ScoringService,
  type ScoringServiceOptions,
  type ServiceLimits,
} from "@oddflow/edge-service";
import type { RuleSet } from "@oddflow/rules";
import type { LiveContext } from "../live-context.ts";
import type { OpenedModel } from "../opened-model.ts";
import { complain } from "../terminal.ts";
import { chooseThreshold, type ThresholdChoice } from "../threshold-choice.ts";
import { ServingContext } from "./serving-context.ts";
import { ServingThreads } from "./serving-threads.ts";

export interface ServedModelsOptions {
  /** Threads of a model on the CPU. */
  readonly threads: number;
  readonly limits: ServiceLimits;
  readonly threshold: ThresholdChoice;
  readonly context: LiveContext;
  /** What is said of alarms; absent where there are no rules. */
  readonly rules?: RuleSet | undefined;
  readonly service: Omit<ScoringServiceOptions, keyof ModelOptions | "limits">;
}

/** A model with its threads. */
interface ServedModel {
  readonly threads: ServingThreads;
  readonly options: ModelOptions;
  readonly context: ServingContext | undefined;
  close(): Promise<void>;
}

/** A service, and the models that score for it, one after the other. */
export class ServedModels {
  readonly service: ScoringService;
  /** Rejects when there is no thread to be had any more, with OddflowError WORKER_LOST. */
  readonly failed: Promise<never>;
  #options: ServedModelsOptions;
  #fail: (error: unknown) => void = () => {};
  #current: ServedModel;
  /** Former ones that still have requests, or are being closed. */
  readonly #former = new Set<Promise<void>>();

  private constructor(first: OpenedModel, opened: ServedModel, options: ServedModelsOptions) {
    this.#options = options;
    this.#current = opened;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // It is for who looks at it.
    this.failed.catch(() => undefined);
    const { limits, service } = options;
    this.service = createScoringService(first.scorer, { ...service, ...opened.options, limits });
    this.#listen(opened);
  }

  /**
   * @param first its scorer is closed with the others
   * @throws OddflowError as `chooseThreshold`, and what opening the model in a thread throws; the scorer is the caller's then
   */
  static async start(first: OpenedModel, options: ServedModelsOptions): Promise<ServedModels> {
    const { encoder } = options.context;
    const context = encoder && new ServingContext(encoder);
    return new ServedModels(first, await serveModel(first, context, options), options);
  }

  /** Has requests from now on scored by another model; its scorer is closed with the others. @throws as `start` */
  async take(model: OpenedModel): Promise<void> {
    const { context: live } = this.#options;
    const former = this.#current;
    const encoder = live.encoderFor(model.scorer);
    const context =
      encoder === former.context?.encoder ? former.context : encoder && new ServingContext(encoder);
    const { rules } = this.#options;
    const next = await serveModel(model, context, this.#options);
    // They may have changed while it was opened.
    const now = this.#options.rules;
    if (now !== undefined && now !== rules) next.threads.changeRules(now);
    live.goOn(model.scorer, encoder);
    this.#current = next;
    this.#listen(next);
    const closed = this.service
      .changeModel(model.scorer, next.options)
      .then(() => former.close())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#former.delete(closed));
    this.#former.add(closed);
  }

  /** Has rules act on requests that come from now on, whatever model scores. */
  changeRules(rules: RuleSet): void {
    this.#options = { ...this.#options, rules };
    this.#current.threads.changeRules(rules);
  }

  /** Ends the threads; requests have been answered. */
  async close(): Promise<void> {
    await Promise.all([...this.#former, this.#current.close()]);
  }

  #listen({ threads }: ServedModel): void {
    threads.failed.catch((error: unknown) => this.#fail(error));
  }
}

async function serveModel(
  { bytes, scorer, version }: OpenedModel,
  context: ServingContext | undefined,
  { limits, threads: count, threshold: choice, rules }: ServedModelsOptions,
): Promise<ServedModel> {
  const { threshold, caution } = await chooseThreshold(choice, scorer);
  const { records, recordBytes } = limits;
  // A larger batch would keep everybody else waiting while it is read and scored.
  const batch = Math.min(scorer.batchSize, limits.batch);
  const threads = await ServingThreads.start({
    start: { model: bytes, provider: scorer.provider, limits: { batch, records, recordBytes }, rules },
    // A GPU is one.
    ...(scorer.provider === "cpu" ? { threads: count, scorer } : { threads: 1 }),
    context,
    onLost: (problem) => complain(`oddflow: ${problem}\n`),
  });
  if (caution !== undefined) complain(`note       ${caution}\n`);
  return {
    threads,
    options: { scoring: threads, threshold, modelVersion: version },
    context,
    close: async () => {
      await threads.end();
      await scorer.close();
    },
  };
}
