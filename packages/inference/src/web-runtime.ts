/// <reference lib="dom" />
import { checkRange, OddflowError } from "@oddflow/preprocessing";
import type { Env, InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-common";
import { withGivenModule } from "./given-module.ts";
import { type ModelSource, readModelSource } from "./model-source.ts";
import { THREADS } from "./provider.ts";
import { checkRelease, unavailableRuntime } from "./runtime-release.ts";
import { openScorer, type Scorer } from "./scorer.ts";
import { verifySignature } from "./web-signature.ts";

/** How a model is opened. onnxruntime-web's WebAssembly is loaded once a page, by the first scorer, and all others share it. */
export interface WasmOptions {
  /** Address of the `.wasm` file that belongs to onnxruntime-web; beside the bundled script where it is absent. */
  readonly wasmUrl?: string | URL;
  /** The same file, compiled by the host: what a bundler for Cloudflare Workers makes of an import of it. */
  readonly wasmModule?: WebAssembly.Module;
  /**
   * Threads within one operation. More than one need a page that is cross-origin isolated. Where it is absent: half
   * the cores and at most 4 on such a page, one elsewhere.
   */
  readonly threads?: number;
  /** Ed25519 public keys in PEM, one or more: a model that none of them has signed is refused. */
  readonly trust?: string;
}

/** The parts of an onnxruntime-web build that a scorer needs. */
export interface WebBuild {
  readonly env: Env;
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** One build of onnxruntime-web, whose WebAssembly the first scorer loads. */
export class WebRuntime {
  readonly #provider: "wasm" | "webgpu";
  readonly #batchSize: number;
  readonly #load: () => Promise<WebBuild>;
  readonly #checkHost: () => Promise<void>;
  /** What the first scorer settled for all. */
  #threads: number | undefined;

  /** `checkHost` throws where the host lacks what the provider needs. */
  constructor(
    provider: "wasm" | "webgpu",
    batchSize: number,
    load: () => Promise<WebBuild>,
    checkHost: () => Promise<void> = async () => undefined,
  ) {
    this.#provider = provider;
    this.#batchSize = batchSize;
    this.#load = load;
    this.#checkHost = checkHost;
  }

  async createScorer(model: ModelSource, options: WasmOptions): Promise<Scorer> {
    this.#chooseThreads(options);
    const [bytes, build] = await Promise.all([readModelSource(model), this.#loadBuild()]);
    const { trust: publicKeys } = options;
    const runtime = {
      Tensor: build.Tensor,
      provider: this.#provider,
      batchSize: this.#batchSize,
      openSession: (graph: Uint8Array) => this.#openSession(build, graph, options),
    };
    const trust = publicKeys === undefined ? undefined : { publicKeys, verify: verifySignature };
    return openScorer(bytes, runtime, trust);
  }

  /** onnxruntime-web is an optional peer; on a page, a bundler has found it and its file can fail to come. */
  async #loadBuild(): Promise<WebBuild> {
    let build: WebBuild;
    try {
      build = await this.#load();
    } catch (cause) {
      const [reason] = String(cause instanceof Error ? cause.message : cause).split("\n");
      throw unavailableRuntime("onnxruntime-web", `it cannot be imported (${reason})`, cause);
    }
    checkRelease("onnxruntime-web", build.env.versions.web);
    return build;
  }

  async #openSession(build: WebBuild, model: Uint8Array, options: WasmOptions): Promise<InferenceSession> {
    await this.#checkHost();
    const threads = this.#chooseThreads(options);
    if (this.#threads !== undefined) return this.#create(build, model);
    this.#threads = threads;
    const { wasm } = build.env;
    wasm.numThreads = threads;
    if (options.wasmModule) {
      return withGivenModule(options.wasmModule, (marker) => {
        wasm.wasmBinary = marker;
        return this.#create(build, model);
      });
    }
    if (options.wasmUrl !== undefined) wasm.wasmPaths = { wasm: String(options.wasmUrl) };
    return this.#create(build, model);
  }

  #chooseThreads({ threads, wasmUrl, wasmModule }: WasmOptions): number {
    if (wasmUrl !== undefined && wasmModule !== undefined) {
      throw new OddflowError("OPTION_RANGE", "open model: both wasmUrl and wasmModule are given; give one");
    }
    const isolated = globalThis.crossOriginIsolated === true;
    if (threads === undefined) return this.#threads ?? (isolated ? defaultThreads() : 1);
    checkRange("open model: the number of threads", threads, THREADS);
    if (threads > 1 && !isolated) {
      throw new OddflowError(
        "OPTION_RANGE",
        `open model: ${threads} threads need a page that is cross-origin isolated, and this one is not; ` +
          "ask for 1, or serve it with Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy",
      );
    }
    if (threads !== (this.#threads ?? threads)) {
      throw new OddflowError(
        "OPTION_RANGE",
        `open model: ${threads} threads, but the first scorer on this page settled on ${this.#threads}; ask for as many`,
      );
    }
    return threads;
  }

  async #create(build: WebBuild, model: Uint8Array): Promise<InferenceSession> {
    try {
      return await build.InferenceSession.create(model, {
        executionProviders: [this.#provider],
        logSeverityLevel: 3,
      });
    } catch (cause) {
      // What onnxruntime-common says when a backend, and not a graph, fails.
      const [, reason] =
        /no available backend found\. ERR: (.*?)(?:\. Build with -sASSERTIONS.*)?$/.exec(String(cause)) ?? [];
      if (reason === undefined) throw cause;
      throw new OddflowError(
        "PROVIDER_UNAVAILABLE",
        `open session: onnxruntime-web's WebAssembly for ${this.#provider} cannot be loaded: ${reason}; give the address of its .wasm file as ` +
          "wasmUrl or the compiled module as wasmModule, and start anew: it is loaded once",
        { cause },
      );
    }
  }
}

function defaultThreads(): number {
  return Math.min(4, Math.ceil((globalThis.navigator?.hardwareConcurrency ?? 1) / 2));
}
