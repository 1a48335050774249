import type { ScoreAnswer } from "./score-answer.ts";
import type { WaitingTime } from "./waiting-time.ts";

export interface AnswerWatch {
  /** A chunk of the answer is asked for. */
  onPart(): void;
  /** Nobody asked for the next chunk in time. */
  onUntaken(): void;
  /** The answer has come to its end, or to an end; told once. */
  onEnd(): void;
}

/**
 * An answer as a body. Nothing is read, scored or kept until it is asked for, so a client that reads slowly slows its own
 * sending; one that has not asked for the next chunk for `idleSeconds`, or has used up its time, is cut off.
 */
export function streamAnswer(
  answer: ScoreAnswer,
  idleSeconds: number,
  time: WaitingTime,
  watch: AnswerWatch,
): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The chunk that waits to be taken. */
  let untaken: { readonly bytes: number; readonly since: number } | undefined;
  let hasEnded = false;
  const end = (): void => {
    clearTimeout(timer);
    if (!hasEnded) watch.onEnd();
    hasEnded = true;
  };
  const stop = async (): Promise<void> => {
    end();
    await answer.stop();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(timer);
        if (untaken !== undefined) {
          time.spend(Date.now() - untaken.since);
          time.move(untaken.bytes);
          untaken = undefined;
        }
        watch.onPart();
        try {
          let part = await answer.next();
          while (part.length === 0 && !answer.isOver) part = await answer.next();
          if (hasEnded) return;
          // Whoever takes it may make the array its own.
          const bytes = part.length;
          if (bytes > 0) controller.enqueue(part);
          if (answer.isOver) {
            end();
            controller.close();
            return;
          }
          untaken = { bytes, since: Date.now() };
          const { leftMs } = time;
          const idleMs = 1000 * idleSeconds;
          timer = setTimeout(
            () => {
              const what = leftMs < idleMs ? "too slowly" : `not for ${idleSeconds} s`;
              const error = new Error(`the answer was taken ${what}`);
              // Hosts log it, and from where in here it comes says nothing to anybody.
              error.stack = String(error);
              watch.onUntaken();
              controller.error(error);
              void stop();
            },
            Math.min(idleMs, leftMs),
          );
        } catch (error) {
          console.error(error);
          controller.error(error);
          await stop();
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}
