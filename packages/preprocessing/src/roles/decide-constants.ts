import type { RoleDraft } from "./role-draft.ts";

/** In fewer rows a column may hold one value by chance. */
const FEWEST_ROWS = 20;

/** Why they are left out. */
export const ONE_VALUE = "it has the same value in every flow";

/**
 * Columns that hold one value: nothing can be learnt of them. A missing number is filled with that value; a missing category is a
 * value of its own, so that a category with some is no constant.
 */
export async function decideConstants(draft: RoleDraft): Promise<void> {
  const { rows } = draft.values;
  if (rows < FEWEST_ROWS) return;
  const single = draft.columns.filter(
    ({ name, distinct }) => distinct === 1 && draft.isFeature(name) && !draft.isNamed(name),
  );
  const categories = single.filter(({ name }) => draft.of(name)?.role === "category");
  const present = await draft.values.countPresent(categories.map(({ name }) => name));
  const gaps = new Set(categories.filter((_, index) => present[index] !== rows).map(({ name }) => name));
  for (const { name } of single) {
    if (!gaps.has(name)) draft.decide(name, "identifier", ONE_VALUE);
  }
}
