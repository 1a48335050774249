const waiting = new Set<() => void>();
let isDue = false;

/**
 * Does what takes a good part of a frame in a frame of its own, in the order of the asking, so that several such works do not hold
 * the page up together.
 * @returns what takes it back, where it has not been done yet
 */
export function inTurn(work: () => void): () => void {
  waiting.add(work);
  beDue();
  return () => waiting.delete(work);
}

function beDue(): void {
  if (isDue || waiting.size === 0) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    const [next] = waiting;
    if (next !== undefined) waiting.delete(next);
    beDue();
    next?.();
  });
}
