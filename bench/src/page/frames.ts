import type { Browser, Page } from "playwright-core";

/** Run in the page before anything of its own: `takeLongestFrame()` is the longest time between two frames since it was called last. */
export const WATCH_FRAMES = `
  let longest = 0;
  let last = performance.now();
  const next = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
  globalThis.takeLongestFrame = () => {
    const taken = longest;
    longest = 0;
    return taken;
  };
`;

/** All in milliseconds. */
export interface Frames {
  /** The longest time between two frames, whatever held it up: the page, or other work on the machine. */
  readonly frame: number;
  /** The longest task of the page's own thread. */
  readonly task: number;
  /** The most processor time that one of its tasks took: where the machine has other work, a task takes longer than this. */
  readonly processor: number;
}

/** What Chromium notes of its threads' tasks. */
const CATEGORY = "toplevel";
const MAIN_THREAD = "CrRendererMain";

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds: how long it took, and of that on a processor. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Does something with the page, and says how smoothly the page ran meanwhile. */
export async function watchFrames(
  browser: Browser,
  page: Page,
  act: () => Promise<unknown>,
): Promise<Frames> {
  await browser.startTracing(page, { categories: [CATEGORY] });
  await page.evaluate("takeLongestFrame()");
  await act();
  const frame = (await page.evaluate("takeLongestFrame()")) as number;
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === MAIN_THREAD)
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(({ ph, pid, tid }) => ph === "X" && threads.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error("the browser has noted no task of the page's thread");
  const most = (of: (event: TraceEvent) => number | undefined): number =>
    tasks.reduce((found, event) => Math.max(found, of(event) ?? 0), 0) / 1000;
  return { frame, task: most(({ dur }) => dur), processor: most(({ tdur }) => tdur) };
}
