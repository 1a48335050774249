import { clientNetwork } from "./client-network.ts";
import { Problem } from "./problem.ts";

/** Requests that may be answered at the same time. */
export interface SlotLimits {
  readonly requests: number;
  readonly requestsPerClient: number;
}

interface TakenSlot {
  readonly client: string | undefined;
  readonly model: object;
  usedAt: number;
}

/**
 * Counts requests that are being answered, up to a limit in all and one for each client.
 *
 * A slot that nobody has used for `leaseMs` is free again: a runtime may end a request without running any more of its
 * code (workerd does where a client goes away), and whoever holds one in earnest is cut off long before.
 */
export class RequestSlots {
  readonly #limits: SlotLimits;
  readonly #leaseMs: number;
  readonly #taken: Map<RequestSlot, TakenSlot> = new Map();
  #whenIdle: { readonly model: object | undefined; tell(): void }[] = [];

  constructor(limits: SlotLimits, leaseMs: number) {
    this.#limits = limits;
    this.#leaseMs = leaseMs;
  }

  /**
   * @param address the client's, or what else tells it from others; undefined where nobody knows
   * @param model what the request is scored by
   * @throws Problem too-many-requests, client-limit
   */
  take(address: string | undefined, model: object): RequestSlot {
    const client = address === undefined ? undefined : clientNetwork(address);
    let problem = this.#refusal(client);
    if (problem !== undefined) {
      this.#dropForgotten();
      problem = this.#refusal(client);
    }
    if (problem !== undefined) throw problem;
    const slot: RequestSlot = {
      use: () => {
        const own = this.#taken.get(slot);
        if (own !== undefined) own.usedAt = Date.now();
      },
      release: () => {
        this.#taken.delete(slot);
        this.#tellIfIdle();
      },
    };
    this.#taken.set(slot, { client, model, usedAt: Date.now() });
    return slot;
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** Ends when no slot is taken, of those of a model where one is named. */
  idle(model?: object): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push({ model, tell: resolve });
      this.#tellIfIdle();
    });
  }

  #refusal(client: string | undefined): Problem | undefined {
    const { requests, requestsPerClient } = this.#limits;
    const headers = { "retry-after": "1" };
    if (this.#taken.size >= requests) {
      return new Problem("too-many-requests", `${requests} requests are being answered; ask again`, {
        headers,
      });
    }
    if (client === undefined) return undefined;
    let own = 0;
    for (const slot of this.#taken.values()) if (slot.client === client) own++;
    if (own < requestsPerClient) return undefined;
    return new Problem(
      "client-limit",
      `${requestsPerClient} requests of ${client} are being answered; ask again when one has its answer`,
      { headers },
    );
  }

  #dropForgotten(): void {
    const oldest = Date.now() - this.#leaseMs;
    for (const [slot, { usedAt }] of this.#taken) if (usedAt < oldest) this.#taken.delete(slot);
    this.#tellIfIdle();
  }

  #tellIfIdle(): void {
    if (this.#whenIdle.length === 0) return;
    const used = new Set([...this.#taken.values()].map(({ model }) => model));
    const isIdle = ({ model }: { readonly model: object | undefined }): boolean =>
      model === undefined ? used.size === 0 : !used.has(model);
    for (const { tell } of this.#whenIdle.filter(isIdle)) tell();
    this.#whenIdle = this.#whenIdle.filter((waiting) => !isIdle(waiting));
  }
}

export interface RequestSlot {
  /** Says that the request is still being answered. */
  use(): void;
  /** Gives the slot back; a second time does nothing. */
  release(): void;
}
