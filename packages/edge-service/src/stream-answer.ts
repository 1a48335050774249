import type { ScoreAnswer } from "./score-answer.ts";

export interface AnswerWatch {
  /** A part of the answer is asked for. */
  onPart(): void;
  /** Nobody asked for the next part in time. */
  onUntaken(): void;
  /** The answer has come to its end, or to an end; told once. */
  onEnd(): void;
}

/**
 * An answer as a body. Nothing is read, scored or kept until it is asked for, so a client that reads slowly slows its own
 * sending; one that has not asked for the next part for `idleSeconds` is cut off.
 */
export function streamAnswer(
  answer: ScoreAnswer,
  idleSeconds: number,
  watch: AnswerWatch,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
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
        watch.onPart();
        try {
          let text = "";
          while (text === "" && !answer.isOver) text = await answer.next();
          if (hasEnded) return;
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (answer.isOver) {
            end();
            controller.close();
            return;
          }
          timer = setTimeout(() => {
            const error = new Error(`nobody took the answer for ${idleSeconds} s`);
            // Hosts log it, and from where in here it comes says nothing to anybody.
            error.stack = String(error);
            watch.onUntaken();
            controller.error(error);
            void stop();
          }, idleSeconds * 1000);
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
