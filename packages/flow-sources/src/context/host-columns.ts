import { findEndpoints } from "./find-context.ts";

/** What a host is where nobody names a column. */
export const HOST_ENTITIES = ["source", "destination", "pair"] as const;

/** What stands between the two ends of a pair. */
export const BETWEEN_HOSTS = " > ";

/**
 * The columns that say whose a flow is, as lists: of each list the first that has a value counts, and `BETWEEN_HOSTS` joins those of several.
 * @param entity one of `HOST_ENTITIES`, or a column
 * @returns undefined where no columns are known to hold addresses
 */
export function findHostColumns(
  columns: readonly string[],
  entity: string,
): readonly (readonly string[])[] | undefined {
  if (!(HOST_ENTITIES as readonly string[]).includes(entity)) return [[entity]];
  const endpoints = findEndpoints(columns);
  if (endpoints === undefined) return undefined;
  if (entity === "pair") return [endpoints.source, endpoints.destination];
  return [entity === "source" ? endpoints.source : endpoints.destination];
}
