import { decodeText, type FlowRow, type RowHead, readZeekCells } from "@oddflow/flow-sources";

/** A row that was encoded from its bytes. It makes its text where it is to be written. */
export class PlainRow implements FlowRow {
  readonly head: RowHead;
  readonly line = 0;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;

  constructor(head: RowHead, bytes: Uint8Array, start: number, end: number) {
    this.head = head;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  get text(): string {
    return decodeText(this.bytes.subarray(this.start, this.end));
  }

  get cells(): readonly string[] {
    const { zeek, delimiter, padsCells } = this.head;
    if (zeek !== undefined) return readZeekCells(this.text, zeek);
    const cells = this.text.split(delimiter);
    return padsCells ? cells.map((cell) => cell.trim()) : cells;
  }
}
