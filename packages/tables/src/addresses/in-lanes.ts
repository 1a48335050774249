/** Each statement of DuckDB's takes one of libuv's threads, of which there are four. */
const LANES = 4;

/** DuckDB holds a file in memory while it copies it: so many bytes at once, or one file that is larger. */
const MOST_IN_MEMORY = 256 * 1024 * 1024;

/**
 * Does something with each of many things, a few of them at a time; where it fails, what is at work is waited for.
 * @param bytesOf what each takes in memory meanwhile
 * @returns what came of each, in their order
 * @throws what the first that fails throws
 */
export async function inLanes<T, R>(
  things: readonly T[],
  bytesOf: (thing: T) => number,
  work: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: Promise<R>[] = [];
  const running = new Set<Promise<R>>();
  let bytes = 0;
  try {
    for (const thing of things) {
      const own = bytesOf(thing);
      while (running.size > 0 && (running.size >= LANES || bytes + own > MOST_IN_MEMORY))
        await Promise.race(running);
      bytes += own;
      const working = work(thing).finally(() => {
        bytes -= own;
        running.delete(working);
      });
      running.add(working);
      results.push(working);
    }
    return await Promise.all(results);
  } finally {
    // What still runs uses a database that is closed next.
    await Promise.allSettled(running);
  }
}
