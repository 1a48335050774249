/** Numbers from 0 to below 1, the same in every run: Numerical Recipes' generator, good enough to spread things. */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
