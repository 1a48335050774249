import { type ContextSpec, contextColumns, OddflowError } from "@oddflow/preprocessing";
import type { FlowDataset } from "./training-options.ts";

/**
 * A dataset without some columns, with flows of its own; the dataset itself where none is named. Labels and endpoints are shared.
 * @throws OddflowError ROLES_INVALID when a name is no column of the dataset, or none would be left.
 */
export function dropColumns(dataset: FlowDataset, names: readonly string[]): FlowDataset {
  if (names.length === 0) return dataset;
  const { columns, flows, context, ...rest } = dataset;
  const known = new Set(columns.map((column) => column.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new OddflowError(
      "ROLES_INVALID",
      `drop columns: ${unknown.map((name) => `"${name}"`).join(", ")} ${unknown.length === 1 ? "is no feature" : "are no features"}; ` +
        `the features are ${[...known].join(", ")}`,
    );
  }
  const dropped = new Set(names);
  const kept = [...columns.keys()].filter((k) => !dropped.has(columns[k]?.name ?? ""));
  const own = columns.length - (context ? contextColumns(context).length : 0);
  if (!kept.some((k) => k < own)) {
    throw new OddflowError(
      "ROLES_INVALID",
      `drop columns: all ${own} features of a flow itself would be dropped; leave at least one`,
    );
  }
  const narrow = new Float32Array((flows.length / columns.length) * kept.length);
  for (let from = 0, to = 0; from < flows.length; from += columns.length) {
    for (const k of kept) narrow[to++] = flows[from + k] as number;
  }
  return {
    columns: columns.filter((_, k) => kept.includes(k)),
    flows: narrow,
    ...rest,
    ...(context ? contextWithout(context, dropped) : {}),
  };
}

/** The same context without some of its columns; none where all of them are dropped. */
function contextWithout(
  context: ContextSpec,
  dropped: ReadonlySet<string>,
): { readonly context?: ContextSpec } {
  const names = contextColumns(context).map(({ name }) => name);
  const leftOut = names.filter((name) => dropped.has(name));
  if (leftOut.length === 0) return { context };
  if (leftOut.length === names.length) return {};
  return { context: { ...context, leftOut: [...(context.leftOut ?? []), ...leftOut] } };
}
