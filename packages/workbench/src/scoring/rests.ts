/** Who works longer than this at a stretch keeps others waiting, in milliseconds. */
const AT_A_STRETCH = 16;

/** For long work: each call waits until whoever else has something to do has done it, where the last such wait is long enough ago. */
export function createRests(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < AT_A_STRETCH) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
