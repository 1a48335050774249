import type { Hangup } from "./hangup.ts";
import { ModelChanges } from "./model-changes.ts";
import { type ModelPlace, type OpenedModel, openModelFile } from "./opened-model.ts";
import type { StreamModel } from "./pipe/stream-scoring.ts";
import { complain } from "./terminal.ts";
import { chooseThreshold, type ThresholdChoice } from "./threshold-choice.ts";

/** The models of a stream, one after the other, of which the last that was taken scores. */
export class LiveModels {
  readonly #place: ModelPlace;
  readonly #choice: ThresholdChoice;
  readonly #hangup: Hangup;
  #current: OpenedModel;
  #threshold: number;
  #changes: ModelChanges | undefined;

  private constructor(
    place: ModelPlace,
    choice: ThresholdChoice,
    hangup: Hangup,
    first: OpenedModel,
    threshold: number,
  ) {
    this.#place = place;
    this.#choice = choice;
    this.#hangup = hangup;
    this.#current = first;
    this.#threshold = threshold;
  }

  /**
   * @param hangup has the file read again
   * @throws OddflowError as `openModelFile` and `chooseThreshold`
   */
  static async open(place: ModelPlace, choice: ThresholdChoice, hangup: Hangup): Promise<LiveModels> {
    const first = await openModelFile(place);
    try {
      return new LiveModels(place, choice, hangup, first, await thresholdOf(first, choice));
    } catch (thrown) {
      await first.scorer.close();
      throw thrown;
    }
  }

  get current(): StreamModel {
    const { scorer, bytes } = this.#current;
    return { scorer, bytes, threshold: this.#threshold };
  }

  /** Of the current model, as `OpenedModel`. */
  get version(): string {
    return this.#current.version;
  }

  /**
   * Has a stream go on with what the file comes to hold.
   * @param change as `StreamScoring.changeModel`
   * @param refuse hears that the file holds what cannot score
   */
  watch(change: (model: StreamModel) => Promise<void>, refuse: () => void = () => undefined): void {
    const changes = new ModelChanges(this.#place, this.#current, {
      take: async (model) => {
        const threshold = await thresholdOf(model, this.#choice);
        await change({ ...model, threshold });
        const former = this.#current;
        this.#current = model;
        this.#threshold = threshold;
        await former.scorer.close();
      },
      refuse,
    });
    this.#changes = changes;
    this.#hangup.onHeard(() => changes.readNow());
  }

  /** Takes no more models: the stream has ended. */
  async end(): Promise<void> {
    await this.#changes?.close();
  }

  async close(): Promise<void> {
    await this.end();
    await this.#current.scorer.close();
  }
}

async function thresholdOf({ scorer }: OpenedModel, choice: ThresholdChoice): Promise<number> {
  const { threshold, caution } = await chooseThreshold(choice, scorer);
  if (caution !== undefined) complain(`note       ${caution}\n`);
  return threshold;
}
