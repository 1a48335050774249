/** Numbers from 0 to below 1, the same in every run: Numerical Recipes' generator, good enough to spread things. */
export function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
