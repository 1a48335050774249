/**
 * Run in the page, before anything of its own: keeps the longest time between two frames, and the longest stretch in which its
 * thread did nothing else. `takeFrames()` gives both since it was called last, in milliseconds.
 */
export const WATCH_FRAMES = `
  let longest = { frame: 0, task: 0 };
  let last = performance.now();
  const next = () => {
    const now = performance.now();
    longest.frame = Math.max(longest.frame, now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest.task = Math.max(longest.task, duration);
  }).observe({ type: "longtask" });
  globalThis.takeFrames = () => {
    const taken = longest;
    longest = { frame: 0, task: 0 };
    return taken;
  };
`;

export interface Frames {
  /** The longest time between two frames, in milliseconds. */
  readonly frame: number;
  /** The longest task of the page's thread, in milliseconds; 0 where none took 50. */
  readonly task: number;
}
