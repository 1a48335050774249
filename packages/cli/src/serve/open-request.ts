import type { AnswerPart, LocalScoring, RequestScoring, ScoreQuery } from "@oddflow/edge-service";

/** What comes of bytes: a part of the answer, or what the flows' context is to be counted from first. */
type Outcome = { readonly part: AnswerPart } | { readonly context: Float64Array<ArrayBuffer> };

/** A request of a thread that has others count the context of flows. */
export class OpenRequest {
  readonly #scoring: RequestScoring;
  #part: Promise<Outcome> | undefined;
  #ask: (outcome: Outcome) => void = () => {};
  #give: (columns: Float32Array<ArrayBuffer>) => void = () => {};

  constructor(scoring: LocalScoring, query: ScoreQuery) {
    this.#scoring = scoring.open(query, (context) => {
      this.#ask({ context });
      return new Promise((resolve) => {
        this.#give = resolve;
      });
    });
  }

  score({ bytes, isLast }: { bytes: Uint8Array | undefined; isLast: boolean }): Promise<Outcome> {
    const asked = this.#asked();
    this.#part = this.#scoring.score(bytes, isLast).then((part) => ({ part }));
    return Promise.race([this.#part, asked]);
  }

  /** Goes on with the context that was asked for. */
  goOn(columns: Float32Array<ArrayBuffer>): Promise<Outcome> {
    const asked = this.#asked();
    this.#give(columns);
    return Promise.race([...(this.#part ? [this.#part] : []), asked]);
  }

  close(): void {
    this.#scoring.close();
  }

  #asked(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#ask = resolve;
    });
  }
}
