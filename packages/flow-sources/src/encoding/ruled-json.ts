import { type Ruling, SCORE_COLUMN } from "@oddflow/preprocessing";
import { isSpace } from "../decoding/json-bytes.ts";
import { JsonFields } from "../decoding/json-fields.ts";
import { rulingText } from "./flow-scores.ts";
import { WrittenBytes } from "./written-bytes.ts";

/** What rules say of a flow that was scored before. */
export interface RuledFlow {
  readonly isAnomaly: boolean;
  readonly ruling: Ruling | null;
}

const [LINE_FEED, COMMA] = [10, 44];
const DROPPED: ReadonlySet<string> = new Set([SCORE_COLUMN.rule, SCORE_COLUMN.ruleVerdict]);

/** Lines of JSON: records of scored flows with what rules say now. All else stays as it is written. */
export class RuledJsonWriter {
  readonly #hasRules: boolean;
  readonly #fields = new JsonFields();
  readonly #written = new WrittenBytes();

  /** @param hasRules whether records say what a rule said; where not, they lose what they said before */
  constructor(hasRules: boolean) {
    this.#hasRules = hasRules;
  }

  /**
   * Appends a line.
   * @param start where the record's JSON begins in `bytes`, an object with `is_anomaly` and without space around it
   */
  append(bytes: Uint8Array, start: number, end: number, { isAnomaly, ruling }: RuledFlow): void {
    const fields = this.#fields;
    const written = this.#written;
    fields.find(bytes, start, end);
    // What is before `at` is written, or left out.
    let at = start;
    let hasBefore = false;
    for (let field = 0; field < fields.count; field++) {
      const name = fields.name(field);
      if (DROPPED.has(name)) {
        // With the comma before it; of the first one the comma behind it.
        if (hasBefore) written.copy(bytes, at, fields.end(field - 1));
        else written.copy(bytes, at, fields.start(field));
        at = hasBefore || field + 1 === fields.count ? fields.end(field) : fields.start(field + 1);
        continue;
      }
      hasBefore = true;
      if (name !== SCORE_COLUMN.isAnomaly) continue;
      written.copy(bytes, at, fields.value(field));
      written.putAscii(String(isAnomaly));
      at = fields.end(field);
    }
    let last = end - 1;
    while (last > at && isSpace(bytes[last - 1] as number)) last--;
    written.copy(bytes, at, last);
    if (this.#hasRules) {
      written.putByte(COMMA);
      written.putAscii(rulingText(ruling));
    }
    written.putAscii("}");
    written.putByte(LINE_FEED);
  }

  /** The lines since this was called last; they hold until the next is appended. */
  take(): Uint8Array {
    return this.#written.take();
  }
}
