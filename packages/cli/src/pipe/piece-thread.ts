import { workerData } from "node:worker_threads";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { OddflowError } from "@oddflow/preprocessing";
import { type Answered, answerOrders } from "../threads/answer-orders.ts";
import { SpareBuffers } from "../threads/spare-buffers.ts";
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

/** What reads a piece and writes it when it is scored; another piece may be read by another one meanwhile. */
interface Lane {
  readonly packed: PackedContext | undefined;
  readonly scorer: PieceScorer;
}

/** What was read, and what its reader said before that. */
interface ReadPiece {
  readonly lane: Lane;
  readonly piece: Uint8Array<ArrayBuffer>;
  readonly flows: PipeFlows;
  readonly linesBefore: number;
  readonly leftOutBefore: ReadonlyMap<string, number>;
}

/** What readers are begun with, and the form that they have since. */
let start: Uint8Array = new Uint8Array();
let form: string | undefined;
const free: Lane[] = [];
/** Pieces that wait for their context, in the order in which they were read. */
const waiting: ReadPiece[] = [];
/** For what is counted of flows. */
const spare = new SpareBuffers();

answerOrders<PieceOrder, PieceAnswer>(async (order) => {
  switch (order.kind) {
    case "begin":
      start = order.start;
      return { answer: { kind: "begun", form: await begin() } };
    case "read":
      return read(order.piece);
    case "score":
      return scoreInContext(waiting.shift() as ReadPiece, order.context, order.firstFlow);
    case "give back":
      return giveBack((waiting.shift() as ReadPiece).piece);
  }
});

async function begin(): Promise<string | undefined> {
  free.length = 0;
  const lane = await beginLane(await opening);
  free.push(lane);
  form = lane.isWhole ? lane.scorer.reader.lineForm : undefined;
  return form;
}

async function beginLane(opened: Scorer): Promise<Lane & { readonly isWhole: boolean }> {
  const packed = opened.context && hashKey && new PackedContext(opened.context, hashKey);
  const scorer = new PieceScorer(opened, options, packed, "standard input");
  // Written, too, and not sent: a header comes before the first flow.
  const begun = scorer.reader.read(start);
  if (begun.count > 0) await scorer.score(begun);
  packed?.take(spare);
  return { packed, scorer, isWhole: begun.problem === undefined };
}

async function read(piece: Uint8Array<ArrayBuffer>): Promise<Answered<PieceAnswer>> {
  const lane = free.pop() ?? (await beginLane(await opening));
  const { reader } = lane.scorer;
  const [linesBefore, leftOutBefore] = [reader.lines, reader.leftOut];
  const flows = reader.read(piece);
  const contextFlows = lane.packed?.take(spare);
  // A reader that is in the middle of something is not used again.
  if (flows.problem !== undefined || reader.lineForm !== form) return giveBack(piece);
  const own = { lane, piece, flows, linesBefore, leftOutBefore };
  if (contextFlows !== undefined) {
    waiting.push(own);
    return { answer: { kind: "read", contextFlows }, moved: [contextFlows.buffer] };
  }
  try {
    return await score(own);
  } catch (thrown) {
    if (thrown instanceof OddflowError) return giveBack(piece);
    throw thrown;
  }
}

async function scoreInContext(
  own: ReadPiece,
  context: Float32Array<ArrayBuffer>,
  firstFlow: number,
): Promise<Answered<PieceAnswer>> {
  const { columns, ownColumns } = await opening;
  const { flows, count } = own.flows;
  const width = columns.length - ownColumns.length;
  for (let flow = 0; flow < count; flow++) {
    const first = flow * columns.length + ownColumns.length;
    for (let k = 0; k < width; k++) flows[first + k] = context[flow * width + k] as number;
  }
  spare.give(context.buffer);
  own.lane.scorer.goTo(firstFlow);
  return score(own);
}

async function score({
  lane,
  piece,
  flows,
  linesBefore,
  leftOutBefore,
}: ReadPiece): Promise<Answered<PieceAnswer>> {
  const { reader } = lane.scorer;
  const { output, counts } = await lane.scorer.score(flows);
  const leftOut = new Map(
    [...reader.leftOut].map(([what, times]) => [what, times - (leftOutBefore.get(what) ?? 0)]),
  );
  const lines = reader.lines - linesBefore;
  free.push(lane);
  const answer = { kind: "scored", piece, output, counts, lines, leftOut } as const;
  return { answer, moved: [output.buffer, piece.buffer] };
}

function giveBack(piece: Uint8Array<ArrayBuffer>): Answered<PieceAnswer> {
  return { answer: { kind: "given back", piece }, moved: [piece.buffer] };
}
