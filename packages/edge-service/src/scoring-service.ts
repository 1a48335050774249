import type { Scorer } from "@oddflow/inference";
import { Hono } from "hono";
import { BearerToken } from "./bearer-token.ts";
import { BodySource } from "./body-source.ts";
import type { Connection, RequestBody } from "./connection.ts";
import { createHostCheck, type HostCheck } from "./host-check.ts";
import { completeLimits, type ServiceLimits } from "./limits.ts";
import { describeModel, MODEL_HEADER } from "./model-description.ts";
import { describeService } from "./openapi.ts";
import { Problem } from "./problem.ts";
import { RequestSlots } from "./request-slots.ts";
import { ScoreAnswer } from "./score-answer.ts";
import { ANSWER_TYPES, readScoreRequest } from "./score-request.ts";
import { checkHost, healthAnswer, metricsAnswer, problemOf, refusedRoute } from "./service-answers.ts";
import { ServiceMetrics } from "./service-metrics.ts";
import { checkThreshold, measuredModel, type ServiceModel, serviceModel } from "./service-model.ts";
import type { ModelOptions, ScoringServiceOptions } from "./service-options.ts";
import { streamAnswer } from "./stream-answer.ts";
import { WaitingTime } from "./waiting-time.ts";

/** Scores flows over HTTP. */
export interface ScoringService {
  /** Answers a request; never rejects. Needs no `this`. */
  readonly fetch: (request: Request, connection?: Connection) => Promise<Response>;
  /**
   * Has requests that come from now on scored by another model, whole ones; those that are being answered are by the one that
   * they began with. Ends when none is any more: then the former scorer may be closed. To keep what a context has counted, its
   * `ContextEncoder` is given again.
   * @throws RangeError for a threshold that is no number: the former model goes on
   */
  readonly changeModel: (scorer: Scorer, options?: ModelOptions) => Promise<void>;
  /** Counts a model that was to score and cannot be used, for /metrics. */
  readonly refuseModel: () => void;
  /** Refuses further requests for scores with 503, and ends when those that are being answered are. */
  readonly drain: () => Promise<void>;
}

/** What one request is counted by. */
interface Exchange {
  readonly began: number;
  readonly request: Request;
  readonly client: string | undefined;
  readonly localAddress: string | undefined;
  readonly body: RequestBody | undefined;
  /** An answer that is still being written when its status is known. */
  isStreamed: boolean;
}

/** A whole answer of more bytes is handed out in parts, too: it keeps its place until somebody has taken it. */
const WHOLE_ANSWER_BYTES = 64 * 1024;

const ROUTES = {
  "/score": "POST",
  "/model": "GET",
  "/healthz": "GET",
  "/metrics": "GET",
  "/openapi.json": "GET",
} as const;
const OPEN_ROUTES: ReadonlySet<string> = new Set(["/healthz", "/openapi.json"]);
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * Makes a service of a scorer of `@oddflow/inference/node` or `./web`, or of the promise of one: until it is there, /healthz,
 * /score and /model answer 503. Closing the scorer is left to the caller.
 * @throws RangeError for limits, a threshold, a token or hosts that cannot be.
 */
export function createScoringService(
  scorer: Scorer | Promise<Scorer>,
  options: ScoringServiceOptions = {},
): ScoringService {
  const service = new HttpService(scorer, options);
  return {
    fetch: (request, connection) => service.answer(request, connection),
    changeModel: (next, ofModel = {}) => service.changeModel(next, ofModel),
    refuseModel: () => service.refuseModel(),
    drain: () => service.drain(),
  };
}

class HttpService {
  readonly #limits: ServiceLimits;
  readonly #metrics = new ServiceMetrics();
  readonly #slots: RequestSlots;
  readonly #token: BearerToken | undefined;
  readonly #answersTo: HostCheck | undefined;
  readonly #app: Hono<{ Bindings: Exchange }>;
  #opened: ServiceModel | undefined;
  #state: "loading" | "ok" | "failed" | "draining" = "loading";

  constructor(scorer: Scorer | Promise<Scorer>, options: ScoringServiceOptions) {
    const { token, limits = {}, hosts } = options;
    checkThreshold(options);
    if (token === "") throw new RangeError("the token is empty");
    this.#limits = completeLimits(limits);
    // Twice as long as a request can stand still before it is cut off.
    this.#slots = new RequestSlots(this.#limits, 2000 * this.#limits.idleSeconds);
    this.#token = token === undefined ? undefined : new BearerToken(token);
    this.#answersTo = hosts === undefined ? undefined : createHostCheck(hosts);
    this.#app = this.#routes();
    if (!(scorer instanceof Promise)) this.#open(scorer, options);
    else {
      scorer.then(
        (opened) => {
          // Another may have come first.
          if (this.#opened === undefined) this.#open(opened, options);
        },
        () => {
          if (this.#opened === undefined) this.#state = "failed";
        },
      );
    }
  }

  async answer(request: Request, { client, localAddress, body }: Connection = {}): Promise<Response> {
    const exchange: Exchange = {
      began: performance.now(),
      request,
      // Bun, Deno and workerd hand something of their own on where `fetch` is given to them as it is.
      client: typeof client === "string" ? client : undefined,
      localAddress: typeof localAddress === "string" ? localAddress : undefined,
      body: typeof body?.reader?.read === "function" ? body : undefined,
      isStreamed: false,
    };
    const response = await this.#app.fetch(request, exchange);
    if (!exchange.isStreamed) this.#count(exchange, response.status);
    return response;
  }

  async changeModel(scorer: Scorer, options: ModelOptions): Promise<void> {
    const former = this.#opened;
    this.#open(scorer, options);
    this.#metrics.addModelChange("taken");
    if (former === undefined) return;
    await this.#slots.idle(former);
    await former.scoring.idle();
  }

  refuseModel(): void {
    this.#metrics.addModelChange("refused");
  }

  async drain(): Promise<void> {
    this.#state = "draining";
    await this.#slots.idle();
    await this.#opened?.scoring.idle();
  }

  #open(scorer: Scorer, options: ModelOptions): void {
    this.#opened = serviceModel(scorer, this.#limits, options);
    if (this.#state !== "draining") this.#state = "ok";
  }

  #routes(): Hono<{ Bindings: Exchange }> {
    const app = new Hono<{ Bindings: Exchange }>();
    app.use(async ({ req, env }, next) => {
      if (this.#answersTo !== undefined) checkHost(env.request, env.localAddress, this.#answersTo);
      if (this.#token !== undefined && !OPEN_ROUTES.has(req.path)) await this.#token.check(req.raw);
      await next();
    });
    app.get("/healthz", () => healthAnswer(this.#state));
    app.get("/model", () => Response.json(describeModel(this.#model())));
    app.get("/openapi.json", () => Response.json(this.#describe()));
    app.get("/metrics", async () => {
      const model = this.#opened;
      const context = await model?.scoring.contextCounts();
      return metricsAnswer(this.#metrics.expose(this.#slots.taken, context, model && measuredModel(model)));
    });
    app.post("/score", ({ env }) => this.#score(env));
    app.all("*", ({ req }) => {
      throw refusedRoute(req.path, ROUTES);
    });
    app.onError((error) => {
      const problem = problemOf(error);
      this.#metrics.refusals.add(1, { problem: problem.kind });
      return problem.response;
    });
    return app;
  }

  #describe(): object {
    return describeService(this.#limits, {
      asksForToken: this.#token !== undefined,
      checksHosts: this.#answersTo !== undefined,
    });
  }

  /** @throws Problem unavailable */
  #model(): ServiceModel {
    if (this.#opened !== undefined) return this.#opened;
    const detail =
      this.#state === "failed" ? "the model could not be loaded" : "the model is being loaded; ask again";
    throw new Problem("unavailable", detail, { headers: { "retry-after": "1" } });
  }

  async #score(exchange: Exchange): Promise<Response> {
    const { request } = exchange;
    if (this.#state === "draining") {
      throw new Problem("unavailable", "the service is about to end; ask another", {
        headers: { "retry-after": "1", connection: "close" },
      });
    }
    const model = this.#model();
    const { scorer, scoring, threshold, versionHeader } = model;
    const asked = readScoreRequest(request, scorer, threshold, this.#limits);
    const slot = this.#slots.take(exchange.client, model);
    const time = new WaitingTime(this.#limits.requestSeconds);
    const context = {
      ...{ scorer, scoring, limits: this.#limits, metrics: this.#metrics, time },
      onProgress: () => slot.use(),
    };
    const answer = new ScoreAnswer(context, asked, this.#bodyOf(exchange));
    try {
      await answer.begin();
    } catch (error) {
      slot.release();
      await answer.stop();
      throw error;
    }
    const headers = { "content-type": ANSWER_TYPES[asked.answer], [MODEL_HEADER]: versionHeader };
    const { whole } = answer;
    if (whole !== undefined && whole.length <= WHOLE_ANSWER_BYTES) {
      slot.release();
      return new Response(whole, { headers });
    }
    exchange.isStreamed = true;
    const stream = streamAnswer(answer, this.#limits.idleSeconds, time, {
      onPart: () => slot.use(),
      onUntaken: () => this.#metrics.cutAnswers.add(1, { problem: "untaken" }),
      onEnd: () => {
        slot.release();
        this.#count(exchange, 200);
      },
    });
    return new Response(stream, { headers });
  }

  #bodyOf({ request, body }: Exchange): BodySource {
    const most = this.#limits.bodyBytes;
    if (body !== undefined) return new BodySource(body.reader, { most, length: body.length });
    return new BodySource(request.body?.getReader(), { most, length: undefined });
  }

  #count({ request, began }: Exchange, status: number): void {
    const { pathname } = new URL(request.url);
    const route = Object.hasOwn(ROUTES, pathname) ? pathname : "other";
    const method = METHODS.has(request.method) ? request.method : "other";
    this.#metrics.requests.add(1, { method, route, status: String(status) });
    this.#metrics.duration.observe((performance.now() - began) / 1000, { route });
  }
}
