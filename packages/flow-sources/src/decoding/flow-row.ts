import type { EventRule } from "../sensors/sensor.ts";
import type { ZeekFields } from "./zeek-header.ts";

/** A flow of a table of text: CSV, or a log of Zeek's. */
export interface FlowRow {
  /** What its cells are called; the same object for all rows, unless a Zeek log changes its fields. */
  readonly head: RowHead;
  /** As many as there are names, unless there is a problem. */
  readonly cells: readonly string[];
  /** The row as it is written, without the end of its line. */
  readonly text: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Why it is no row, in words, with its line. */
  readonly problem?: string;
  /** What it is, in words, where a sensor reports something else than a flow. Such rows are counted among what is left out. */
  readonly noFlow?: string;
}

/** What the rows of a table have in common. */
export interface RowHead {
  readonly names: readonly string[];
  /** The names as the header writes them. */
  readonly header: readonly string[];
  readonly delimiter: string;
  readonly zeek?: ZeekFields;
  /** The columns whose cells are given otherwise than they are written, space around them apart. */
  readonly rewritten: "all" | readonly string[];
  /** Whether space around a cell is no part of it. */
  readonly padsCells?: boolean;
  /** Which rows are flows, and the place of the cell that says it; absent where all are. */
  readonly event?: { readonly rule: EventRule; readonly place: number };
}
