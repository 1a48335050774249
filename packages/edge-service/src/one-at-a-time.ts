/**
 * Lets one task run after another, since a session of onnxruntime-web must not be run twice at once.
 *
 * Whoever waits is woken to look for himself: nobody is handed the turn, since he may be gone without a word.
 */
export class OneAtATime {
  #isBusy = false;
  #waiting: (() => void)[] = [];

  async run<T>(task: () => Promise<T>): Promise<T> {
    while (this.#isBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isBusy = true;
    try {
      return await task();
    } finally {
      this.#isBusy = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    }
  }
}
