import { workerData } from "node:worker_threads";
import { createScorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import { type Answered, answerOrders } from "../threads/answer-orders.ts";
import { PackedContext } from "./packed-context.ts";
import type { PieceAnswer, PieceOrder, PieceThreadData } from "./piece-orders.ts";
import { PieceScorer } from "./piece-scorer.ts";
import type { PipeFlows } from "./pipe-reader.ts";

/*
 * A thread of `PieceThreads`: reads, scores and writes whole lines, of which it knows neither what came before nor whether they
 * are the first of their kind to be wrong.
 */

const { model, options, hashKey } = workerData as PieceThreadData;
const opening = createScorer(model, { provider: "cpu", threads: 1 });
// What is wrong with the model is thrown for the first order.
opening.catch(() => undefined);

let packed: PackedContext | undefined;
let scorer: PieceScorer | undefined;
/** What the reader was begun with, and the form that it has since. */
let start: Uint8Array = new Uint8Array();
let form: string | undefined;

/** What was read last, and what the reader said before that. */
interface ReadPiece {
  readonly piece: Uint8Array<ArrayBuffer>;
  readonly flows: PipeFlows;
  readonly linesBefore: number;
  readonly leftOutBefore: ReadonlyMap<string, number>;
}
let last: ReadPiece | undefined;

answerOrders<PieceOrder, PieceAnswer>(async (order) => {
  switch (order.kind) {
    case "begin":
      start = order.start;
      await begin();
      return { answer: { kind: "begun", form } };
    case "read":
      return read(order.piece);
    case "score":
      return scoreInContext(order.context, order.firstFlow);
    case "give back":
      return giveBack((last as ReadPiece).piece);
  }
});

async function begin(): Promise<void> {
  const opened = await opening;
  packed = opened.context && hashKey && new PackedContext(opened.context, hashKey);
  scorer = new PieceScorer(opened, options, packed, "standard input");
  // Written, too, and not sent: a header comes before the first flow.
  const begun = scorer.reader.read(start);
  if (begun.count > 0) await scorer.score(begun);
  packed?.take();
  form = begun.problem === undefined ? scorer.reader.lineForm : undefined;
}

async function read(piece: Uint8Array<ArrayBuffer>): Promise<Answered<PieceAnswer>> {
  const { reader } = scorer as PieceScorer;
  const [linesBefore, leftOutBefore] = [reader.lines, reader.leftOut];
  const flows = reader.read(piece);
  last = { piece, flows, linesBefore, leftOutBefore };
  const contextFlows = packed?.take();
  if (flows.problem !== undefined || reader.lineForm !== form) return giveBack(piece);
  if (contextFlows !== undefined) {
    return { answer: { kind: "read", contextFlows }, moved: [contextFlows.buffer] };
  }
  try {
    return await score(last);
  } catch (thrown) {
    if (thrown instanceof OddflowError) return giveBack(piece);
    throw thrown;
  }
}

async function scoreInContext(context: Float32Array, firstFlow: number): Promise<Answered<PieceAnswer>> {
  const { columns, ownColumns } = await opening;
  const read = last as ReadPiece;
  const { flows, count } = read.flows;
  const width = columns.length - ownColumns.length;
  for (let flow = 0; flow < count; flow++) {
    const own = context.subarray(flow * width, (flow + 1) * width);
    flows.set(own, flow * columns.length + ownColumns.length);
  }
  scorer?.goTo(firstFlow);
  return score(read);
}

async function score({
  piece,
  flows,
  linesBefore,
  leftOutBefore,
}: ReadPiece): Promise<Answered<PieceAnswer>> {
  const { reader } = scorer as PieceScorer;
  const { output, counts } = await (scorer as PieceScorer).score(flows);
  const leftOut = new Map(
    [...reader.leftOut].map(([what, times]) => [what, times - (leftOutBefore.get(what) ?? 0)]),
  );
  const answer = {
    kind: "scored",
    piece,
    output,
    counts,
    lines: reader.lines - linesBefore,
    leftOut,
  } as const;
  return { answer, moved: [output.buffer, piece.buffer] };
}

/** The reader may be in the middle of something: another is begun. */
async function giveBack(piece: Uint8Array<ArrayBuffer>): Promise<Answered<PieceAnswer>> {
  await begin();
  return { answer: { kind: "given back", piece }, moved: [piece.buffer] };
}
