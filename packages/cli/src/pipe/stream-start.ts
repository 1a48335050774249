import { LONGEST_LINE } from "@oddflow/flow-sources";

/** A stream that has come so far without a form has none, such as a list of JSON records. */
const MOST_BYTES = 2 * LONGEST_LINE;

/** What brings another reader to the form that a stream's reader has: what came up to the first flow, but for what changed nothing. */
export class StreamStart {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** The last form, and how many pieces brought the reader to it. */
  #form: string | undefined;
  #formPieces = 0;
  #state: "open" | "whole" | "given up" = "open";

  /** Whether there is a flow in it, and a form. */
  get isWhole(): boolean {
    return this.#state === "whole";
  }

  /** @param form the reader's, once it has read the piece; undefined where it goes on */
  add(piece: Uint8Array, form: string | undefined, hasFlows: boolean): void {
    if (this.#state !== "open") return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (form !== undefined && hasFlows) this.#state = "whole";
    else if (form !== undefined && form === this.#form) this.#cut(this.#formPieces);
    else if (form !== undefined) {
      this.#form = form;
      this.#formPieces = this.#pieces.length;
    }
    if (this.#state === "open" && this.#bytes > MOST_BYTES) {
      this.#state = "given up";
      this.#cut(0);
    }
  }

  /** They are kept: threads of another model begin with them, too. */
  get bytes(): Uint8Array {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  #cut(pieces: number): void {
    for (const { length } of this.#pieces.splice(pieces)) this.#bytes -= length;
  }
}
