import { type Signal, signal } from "@preact/signals";
import type { Failure, ModelChoice, Progress, ScoreQuestion, WebProvider } from "../scoring/messages.ts";
import { ScoringFailure, ScoringWorker } from "../scoring/scoring-worker.ts";
import { createResult, type Result, type RulesFile } from "./result.ts";

/** What the page is at. */
export type Stage =
  | { readonly kind: "start" }
  | { readonly kind: "working"; readonly table: string; readonly progress: Progress | undefined }
  | { readonly kind: "failed"; readonly table: string; readonly failure: Failure }
  | { readonly kind: "scored"; readonly result: Result };

type Table = ScoreQuestion["table"];

const SAMPLE = "sample-flows.parquet";

/** What the page's server says of the model that lies beside it. */
interface PageSettings {
  readonly model: { readonly name: string; readonly isShipped: boolean };
}

/** The page's state and what can be done. */
export class Workbench {
  readonly stage: Signal<Stage> = signal<Stage>({ kind: "start" });
  /** The model beside the page. */
  readonly ownModel: Signal<PageSettings["model"]> = signal({ name: "unsw-nb15.onnx", isShipped: true });
  /** A model that was chosen in its place. */
  readonly chosenModel: Signal<File | undefined> = signal(undefined);
  readonly provider: Signal<WebProvider> = signal<WebProvider>("wasm");
  /** Why there is no WebGPU; undefined where there is, null until that is known. */
  readonly gpuMissing: Signal<string | null | undefined> = signal<string | null | undefined>(null);
  /** Said to screen readers. */
  readonly announcement: Signal<string> = signal("");
  #table: Table | undefined;
  #worker: ScoringWorker | undefined;
  /** Rules that stay in use when another table or model comes. */
  #rules: RulesFile | undefined;

  /** Asks what there is: the model beside the page, a GPU. */
  async look(): Promise<void> {
    const settings = fetch(besidePage("workbench.json")).then(
      (answer) => (answer.ok ? (answer.json() as Promise<PageSettings>) : undefined),
      () => undefined,
    );
    const [found, gpuMissing] = await Promise.all([settings, missingGpu()]);
    if (found !== undefined) this.ownModel.value = found.model;
    this.gpuMissing.value = gpuMissing;
  }

  openFile(file: File): Promise<void> {
    return this.#score({ name: file.name, file });
  }

  openSample(): Promise<void> {
    return this.#score({ name: SAMPLE, url: besidePage(SAMPLE) });
  }

  /** Scores the same table once more: with another model, or on another provider. */
  async scoreAgain(): Promise<void> {
    if (this.#table !== undefined && this.stage.peek().kind !== "start") await this.#score(this.#table);
  }

  /** Gives up whatever is going on, and forgets the table. */
  startOver(): void {
    this.#end();
    this.#table = undefined;
    this.#rules = undefined;
    this.stage.value = { kind: "start" };
  }

  async #score(table: Table): Promise<void> {
    this.#end();
    this.#table = table;
    const worker = new ScoringWorker();
    this.#worker = worker;
    this.stage.value = { kind: "working", table: table.name, progress: undefined };
    this.announcement.value = `Scoring ${table.name}`;
    try {
      const request = { table, model: this.#model(), provider: this.provider.peek() };
      const flows = await worker.ask("score", request, (progress) => {
        this.stage.value = { kind: "working", table: table.name, progress };
      });
      const result = await createResult(flows, worker, this.#rules);
      this.stage.value = { kind: "scored", result };
      this.announcement.value = `${table.name} is scored: ${result.alarms.peek().rows} alarms in ${flows.rows} flows`;
    } catch (error) {
      if (!(error instanceof ScoringFailure)) throw error;
      this.#end();
      // The page's alert says what failed.
      this.announcement.value = "";
      this.stage.value = { kind: "failed", table: table.name, failure: error.failure };
    }
  }

  #model(): ModelChoice {
    const file = this.chosenModel.peek();
    return file === undefined
      ? { name: this.ownModel.peek().name, url: besidePage("model.onnx") }
      : { name: file.name, file };
  }

  #end(): void {
    this.#worker?.end();
    this.#worker = undefined;
    const stage = this.stage.peek();
    if (stage.kind !== "scored") return;
    this.#rules = stage.result.rules.opened.peek();
    stage.result.end();
  }
}

/** The address of a file that lies beside the page; a worker's script lies elsewhere. */
function besidePage(name: string): string {
  return new URL(name, document.baseURI).href;
}

/** The part of the WebGPU API that is asked here. */
interface WithGpu {
  readonly gpu?: { requestAdapter(): Promise<object | null> };
}

async function missingGpu(): Promise<string | undefined> {
  const { gpu } = navigator as WithGpu;
  if (gpu === undefined) return "this browser has no WebGPU";
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null ? "this machine has no GPU that the browser may use" : undefined;
}
