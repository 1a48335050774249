import { SCORE_COLUMN } from "@oddflow/preprocessing";
import type { FlowRow, RowHead } from "../decoding/flow-row.ts";
import { zeekCells } from "../decoding/zeek-header.ts";
import type { RuledFlow } from "./ruled-json.ts";
import { headerText, type KeptCells, quoted } from "./scored-rows.ts";
import { WrittenBytes } from "./written-bytes.ts";

const { isAnomaly: FLAG, rule: RULE, ruleVerdict: VERDICT } = SCORE_COLUMN;

/** What is done with rows of one head. */
interface RuledCells extends KeptCells {
  readonly places: readonly number[];
  /** Where `is_anomaly` is among a row's cells. */
  readonly flag: number;
}

/** Rows of CSV or of a Zeek log: those of scored flows with what rules say now. All else stays as it is written. */
export class RuledRowsWriter {
  readonly #added: readonly string[];
  #ruled: RuledCells | undefined;
  /** The lines of the header that holds for what was written last. */
  #header: string | undefined;
  readonly #written = new WrittenBytes();

  /** @param hasRules whether rows say what a rule said; where not, they lose what they said before */
  constructor(hasRules: boolean) {
    this.#added = hasRules ? [RULE, VERDICT] : [];
  }

  /** Appends a row, which has a cell `is_anomaly`. */
  append(row: FlowRow, { isAnomaly, ruling }: RuledFlow): void {
    const { head } = row;
    const { places, flag } = this.#ruledOf(head);
    const written = writtenCells(row);
    if ((row.cells[flag]?.toLowerCase() === "true") !== isAnomaly) written[flag] = truth(isAnomaly, head);
    const cells = places.map((place) => written[place] ?? "");
    const unset = head.zeek?.unsetField ?? "";
    if (this.#added.length > 0) cells.push(ruling?.rule ?? unset, ruling?.verdict ?? unset);
    this.#written.putText(`${cells.join(head.delimiter)}\n`);
  }

  /** The bytes since this was called last; they hold until the next row is appended. */
  take(): Uint8Array {
    return this.#written.take();
  }

  #ruledOf(head: RowHead): RuledCells {
    if (this.#ruled?.head === head) return this.#ruled;
    const names = head.names.map((name) => name.toLowerCase());
    const places = [...names.keys()].filter((place) => ![RULE, VERDICT].includes(names[place] as never));
    this.#ruled = { head, places, flag: names.indexOf(FLAG) };
    const header = headerText(this.#ruled, this.#added);
    if (header !== this.#header) this.#written.putText(header);
    this.#header = header;
    return this.#ruled;
  }
}

/** A row's cells as they are written. */
function writtenCells({ head, cells, text }: FlowRow): string[] {
  const { delimiter, zeek } = head;
  if (zeek !== undefined) return zeekCells(text, zeek);
  const plain = text.includes('"') ? [] : text.split(delimiter);
  return plain.length === cells.length ? plain : cells.map((cell) => quoted(cell, delimiter));
}

function truth(is: boolean, { zeek }: RowHead): string {
  if (zeek === undefined) return String(is);
  return is ? "T" : "F";
}
