/** A place in the order of arrival. */
export interface Turn {
  /** Resolves when all that came before have had theirs. */
  readonly come: Promise<void>;
  /** Says that this one has had its turn, or needs none; a second time does nothing. */
  end(): void;
}

/** Has what comes side by side done in the order in which it came. */
export class ArrivalOrder {
  #last: Promise<void> = Promise.resolve();

  take(): Turn {
    const come = this.#last;
    let end = (): void => {};
    this.#last = new Promise((resolve) => {
      // Whoever needs no turn does not let others pass.
      end = () => void come.then(resolve);
    });
    return { come, end: () => end() };
  }
}
