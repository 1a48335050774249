/**
 * Counts requests that are being answered, up to a limit.
 *
 * A slot that nobody has used for `leaseMs` is free again: a runtime may end a request without running any more of its
 * code (workerd does where a client goes away), and whoever holds one in earnest is cut off long before.
 */
export class RequestSlots {
  readonly #most: number;
  readonly #leaseMs: number;
  readonly #usedAt: Map<RequestSlot, number> = new Map();
  #whenIdle: (() => void)[] = [];

  constructor(most: number, leaseMs: number) {
    this.#most = most;
    this.#leaseMs = leaseMs;
  }

  /** Undefined where all are taken. */
  take(): RequestSlot | undefined {
    if (this.#usedAt.size >= this.#most) this.#dropForgotten();
    if (this.#usedAt.size >= this.#most) return undefined;
    const slot: RequestSlot = {
      use: () => {
        if (this.#usedAt.has(slot)) this.#usedAt.set(slot, Date.now());
      },
      release: () => {
        this.#usedAt.delete(slot);
        this.#tellIfIdle();
      },
    };
    this.#usedAt.set(slot, Date.now());
    return slot;
  }

  get taken(): number {
    return this.#usedAt.size;
  }

  /** Ends when no slot is taken. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#tellIfIdle();
    });
  }

  #dropForgotten(): void {
    const oldest = Date.now() - this.#leaseMs;
    for (const [slot, usedAt] of this.#usedAt) if (usedAt < oldest) this.#usedAt.delete(slot);
  }

  #tellIfIdle(): void {
    if (this.#usedAt.size > 0) return;
    for (const tell of this.#whenIdle) tell();
    this.#whenIdle = [];
  }
}

export interface RequestSlot {
  /** Says that the request is still being answered. */
  use(): void;
  /** Gives the slot back; a second time does nothing. */
  release(): void;
}
