import { SCORE_COLUMNS } from "@oddflow/preprocessing";
import type { KeptFields } from "../encoding/scored-json.ts";
import { type AddedBuffers, type ArrowScores, addedBuffers } from "./added-columns.ts";
import type { ArrowField, ArrowSchema } from "./arrow-schema.ts";
import { writeBatchMetadata, writeSchemaMetadata } from "./message-metadata.ts";
import type { ArrowBatch } from "./record-batch.ts";

/** Whatever lies in a body begins at a multiple of so many bytes. */
const ALIGNMENT = 8;

/** The mark behind a stream's last message. */
export const END_OF_STREAM: Uint8Array = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);

export interface ScoredArrowOptions {
  /** The columns that are written again. */
  readonly kept: KeptFields;
  /** The model's columns, which top columns are named by; undefined where none are named. */
  readonly topNames: readonly string[] | undefined;
  readonly reasons: boolean;
  /** Whether there are rules, which say something of alarms. */
  readonly rulings: boolean;
}

/**
 * Writes a stream again with the columns of scores behind its own. What it holds is passed on as it is, byte for byte; columns of
 * an earlier scoring give way to the new ones.
 */
export class ScoredArrow {
  readonly #schema: ArrowSchema;
  readonly #options: ScoredArrowOptions;
  /** Places of the columns that are passed on. */
  readonly #kept: readonly number[];
  readonly #dictionaries: ReadonlySet<number>;

  constructor(schema: ArrowSchema, options: ScoredArrowOptions) {
    this.#schema = schema;
    this.#options = options;
    const { fields } = schema;
    this.#kept = [...fields.keys()].filter((place) => isKept(fields[place] as ArrowField, options.kept));
    this.#dictionaries = new Set(this.#kept.flatMap((place) => dictionariesOf(fields[place] as ArrowField)));
  }

  /** The message that the stream begins with. */
  schema(): Uint8Array {
    const { topNames, reasons, rulings } = this.#options;
    const added = { top: topNames !== undefined, reasons, rulings };
    return message(writeSchemaMetadata(this.#schema, this.#kept, added));
  }

  /** Pieces of a message that is passed on; none of a dictionary that no column has any more. */
  dictionary(id: number, metadata: Uint8Array, body: Uint8Array): readonly Uint8Array[] {
    return this.#dictionaries.has(id) ? [message(metadata), body] : [];
  }

  /** Pieces of a batch's message. */
  batch(batch: ArrowBatch, scores: ArrowScores): readonly Uint8Array[] {
    const { columns, extents, buffers } = batch;
    const isWhole = this.#kept.length === columns.length;
    const parts: Uint8Array[] = isWhole ? [buffers.body] : [];
    const places: [at: number, bytes: number][] = [];
    let at = isWhole ? buffers.body.length : 0;
    const align = (): void => {
      const rest = (ALIGNMENT - (at % ALIGNMENT)) % ALIGNMENT;
      if (rest > 0) parts.push(new Uint8Array(rest));
      at += rest;
    };
    const put = (bytes: Uint8Array): void => {
      align();
      places.push([at, bytes.length]);
      parts.push(bytes);
      at += bytes.length;
    };
    for (const place of this.#kept) {
      const [from, to] = extents[place]?.buffers ?? [0, 0];
      for (let k = from; k < to; k++) {
        if (isWhole) places.push([Number(buffers.places[2 * k]), Number(buffers.places[2 * k + 1])]);
        else put(buffers.stored(k));
      }
    }
    const added: AddedBuffers = addedBuffers(scores, this.#options.topNames, buffers.codec !== undefined);
    added.buffers.forEach(put);
    align();
    const metadata = writeBatchMetadata(batch, this.#kept, added.nodes, places, at);
    return [message(metadata), ...parts];
  }
}

/** Columns that scoring adds are replaced, whatever the case of their letters. */
function isKept(field: ArrowField, kept: KeptFields): boolean {
  if (SCORE_COLUMNS.includes(field.name.toLowerCase()) || kept === "none") return false;
  if (kept === "all") return true;
  const isWanted = (name: string): boolean =>
    "only" in kept ? kept.only.includes(name) : !kept.except.includes(name);
  // A struct stays where one of its fields is to stay.
  const holdsWanted = ({ name, children, type }: ArrowField, outer: string): boolean =>
    type.kind === "struct"
      ? children.some((child) => holdsWanted(child, `${outer}${name}.`))
      : isWanted(outer + name);
  return holdsWanted(field, "");
}

function dictionariesOf({ dictionary, children }: ArrowField): number[] {
  return [...(dictionary === undefined ? [] : [dictionary.id]), ...children.flatMap(dictionariesOf)];
}

/** A message's beginning: the mark, the length of its metadata, these. */
function message(metadata: Uint8Array): Uint8Array {
  const padded = Math.ceil(metadata.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + padded);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, -1, true);
  view.setInt32(4, padded, true);
  bytes.set(metadata, 8);
  return bytes;
}
