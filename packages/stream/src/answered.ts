import { TimeoutError } from "@platformatic/kafka";

/** Milliseconds that the client may take for an answer, whatever becomes of its connections. */
const MOST_WAITING = 40_000;

/** Waits for an answer of the client, which may never come. @throws TimeoutError; what the work throws */
export async function answered<T>(
  what: string,
  work: Promise<T>,
  milliseconds: number = MOST_WAITING,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError(`${what} was not answered for ${milliseconds / 1000} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** Waits for what tells a callback, as `answered`. */
export function calledBack(
  what: string,
  begin: (callback: (error?: Error | null) => void) => unknown,
  milliseconds: number = MOST_WAITING,
): Promise<void> {
  const called = new Promise<void>((resolve, reject) => {
    begin((error) => (error ? reject(error) : resolve()));
  });
  return answered(what, called, milliseconds);
}
