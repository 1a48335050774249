import type { KeptFields } from "@oddflow/flow-sources";
import type { ColumnSpec } from "@oddflow/preprocessing";
import { JsonFlows } from "./json-flows.ts";
import type { PipeFlows, PipeReader } from "./pipe-reader.ts";
import { RowFlows } from "./row-flows.ts";

const [OPEN_LIST, OPEN] = [91, 123];
const SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32]);
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads whatever comes: the first character tells JSON, a record a line or one list of records, from rows of text.
 * @param columns the model's
 * @param kept the fields that are written again
 */
export function openPipe(columns: readonly ColumnSpec[], kept: KeptFields): PipeReader {
  let reader: PipeReader | undefined;
  let start = new Uint8Array();
  const open = (isEnd: boolean): PipeReader | undefined => {
    const first = firstCharacter(start, isEnd);
    if (first === undefined) return undefined;
    const isJson = first === OPEN || first === OPEN_LIST || first === "nothing";
    reader = isJson ? new JsonFlows(columns, kept, first === OPEN_LIST) : new RowFlows(columns, kept);
    return reader;
  };
  return {
    get takenFor() {
      return reader?.takenFor;
    },
    get leftOut() {
      return reader?.leftOut ?? new Map();
    },
    read(piece) {
      if (reader !== undefined) return reader.read(piece);
      if (piece !== undefined) {
        const longer = new Uint8Array(start.length + piece.length);
        longer.set(start);
        longer.set(piece, start.length);
        start = longer;
      }
      const opened = open(piece === undefined);
      if (opened === undefined) return NO_FLOWS;
      if (piece !== undefined) return opened.read(start);
      // What did not suffice to tell what it is ends here: a record at most.
      const last = opened.read(start);
      return last.count > 0 || last.problem !== undefined ? last : opened.read(undefined);
    },
    write: (flow, scores) => reader?.write(flow, scores),
    take: () => reader?.take() ?? new Uint8Array(),
  };
}

const NO_FLOWS: PipeFlows = {
  count: 0,
  flows: new Float32Array(),
  withColumns: 0,
  record: () => ({}),
  problem: undefined,
};

/** The first byte that is no space and no byte order mark; undefined where it has not come. */
function firstCharacter(bytes: Uint8Array, isEnd: boolean): number | "nothing" | undefined {
  let at = 0;
  if (bytes[0] === BYTE_ORDER_MARK[0] && bytes.length < BYTE_ORDER_MARK.length && !isEnd) return undefined;
  if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte)) at = BYTE_ORDER_MARK.length;
  while (at < bytes.length && SPACE.has(bytes[at] as number)) at++;
  return bytes[at] ?? (isEnd ? "nothing" : undefined);
}
