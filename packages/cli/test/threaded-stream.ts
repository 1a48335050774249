import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Scorer } from "@oddflow/inference/node";
import type { StreamSummary } from "../src/pipe/stream-scoring.ts";
import { type ScoreStreamOptions, scoreStream } from "../src/score-stream.ts";

/** What came of a stream. */
export interface StreamResult {
  readonly output: Buffer;
  readonly summary: StreamSummary | undefined;
  /** What was thrown, as text. */
  readonly problem: string | undefined;
}

/** A stream of which threads score the most. */
export interface ThreadedStream {
  readonly scorer: Scorer;
  /** The scorer's. */
  readonly model: Uint8Array;
  readonly threads: number;
  /** What comes once, before anything else. */
  readonly header?: string;
  /** Whole lines of flows, 64 KiB and more, that come until threads score them. */
  readonly lines: string;
  /** What comes then, as it is cut into pieces. */
  readonly pieces: readonly Uint8Array[];
  readonly options: ScoreStreamOptions;
}

/** Scores one stream twice, by threads and by one thread alone. */
export async function scoreTwice(
  stream: ThreadedStream,
): Promise<{ readonly threaded: StreamResult; readonly alone: StreamResult; readonly ownFlows: number }> {
  const given: Uint8Array[] = [];
  let ownFlows = 0;
  let ownCalls = 0;
  const { scorer, model, threads, header, lines, pieces } = stream;
  const counting: Scorer = Object.assign(Object.create(scorer) as Scorer, {
    score: (...args: Parameters<Scorer["score"]>) => {
      ownCalls++;
      ownFlows += args[0].length / scorer.columns.length;
      return scorer.score(...args);
    },
    explain: (...args: Parameters<Scorer["explain"]>) => scorer.explain(...args),
  });
  const output = new PassThrough();
  const input = async function* (): AsyncGenerator<Uint8Array> {
    const start = Buffer.from(lines);
    if (header !== undefined) yield give(Buffer.from(header));
    for (let isOwn = true; isOwn; ) {
      const before = ownCalls;
      yield give(start);
      await once(output, "data");
      isOwn = ownCalls > before;
      // Threads that start are faster where this one leaves them the processors, and less is scored meanwhile.
      if (isOwn) await pause(20);
    }
    for (const piece of pieces) yield give(piece);
  };
  const give = (piece: Uint8Array): Uint8Array => {
    given.push(piece);
    return piece;
  };
  // Each piece is scored at once, so that the first ones are not gathered.
  const options = { ...stream.options, maxLatency: 0, threads: { count: threads, model, afterBytes: 0 } };
  const threaded = await resultOf(Readable.from(input()), output, counting, options);
  const all = Readable.from([Buffer.concat(given)]);
  const alone = await resultOf(all, new PassThrough(), scorer, stream.options);
  return { threaded, alone, ownFlows };
}

async function resultOf(
  input: Readable,
  output: PassThrough,
  scorer: Scorer,
  options: ScoreStreamOptions,
): Promise<StreamResult> {
  const heard: Buffer[] = [];
  output.on("data", (part: Buffer) => heard.push(part));
  let problem: string | undefined;
  const summary = await scoreStream(input, output, scorer, options).catch((thrown: unknown) => {
    problem = String(thrown);
    return undefined;
  });
  return { output: Buffer.concat(heard), summary, problem };
}
