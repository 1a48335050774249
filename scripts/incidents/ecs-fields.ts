import { isIP } from "node:net";

/** A field of the Elastic Common Schema, as Elastic publishes it. */
interface EcsField {
  readonly type: string;
  readonly required?: boolean;
  readonly ignore_above?: number;
  /** "array" where values are lists. */
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly {
    readonly name: string;
    readonly expected_event_types?: readonly string[];
  }[];
}

/** All fields of a version, by their whole names. */
export type EcsFields = Readonly<Record<string, EcsField>>;

/** Fields of one's own are under one name, which no version of the schema has. */
const OWN = "oddflow";

/** What is wrong with a document by the fields of a version, in words. */
export function ecsFaults(fields: EcsFields, document: unknown): string[] {
  const leaves = new Map(leavesOf(document, ""));
  const faults: string[] = [];
  for (const [name, value] of leaves) {
    if (name === OWN || name.startsWith(`${OWN}.`)) continue;
    const field = fields[name];
    if (field === undefined) faults.push(`${name} is no field`);
    else faults.push(...fieldFaults(name, field, value));
  }
  for (const [name, { required }] of Object.entries(fields))
    if (required === true && !leaves.has(name)) faults.push(`${name} is missing`);
  return [...faults, ...categoryFaults(fields, leaves)];
}

/** Values by their whole names; lists stay whole. */
function leavesOf(value: unknown, name: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, value]];
  return Object.entries(value).flatMap(([own, inner]) =>
    leavesOf(inner, name === "" ? own : `${name}.${own}`),
  );
}

function fieldFaults(name: string, field: EcsField, value: unknown): string[] {
  const isList = Array.isArray(value);
  const shown = JSON.stringify(value).slice(0, 60);
  if (isList !== field.normalize.includes("array"))
    return [`${name} is ${isList ? "a" : "no"} list: ${shown}`];
  const values: readonly unknown[] = isList ? value : [value];
  const allowed = field.allowed_values?.map((own) => own.name);
  return values.flatMap((own) => {
    if (!hasType(field, own)) return [`${name} is no ${field.type}: ${shown}`];
    return allowed === undefined || allowed.includes(String(own)) ? [] : [`${name} may not be ${shown}`];
  });
}

function hasType(
  { type, ignore_above: longest = Number.POSITIVE_INFINITY }: EcsField,
  value: unknown,
): boolean {
  switch (type) {
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
    case "ip":
      return typeof value === "string" && isIP(value) > 0;
    case "long":
      return Number.isSafeInteger(value);
    case "float":
      return Number.isFinite(value);
    case "keyword":
    case "constant_keyword":
      return typeof value === "string" && value.length <= longest;
    case "match_only_text":
    case "wildcard":
      return typeof value === "string";
    default:
      throw new Error(`expected a type of field that incidents have, not ${type}`);
  }
}

/** Of each category some types alone may be. */
function categoryFaults(fields: EcsFields, leaves: ReadonlyMap<string, unknown>): string[] {
  const list = (name: string): readonly unknown[] => [leaves.get(name) ?? []].flat();
  return list("event.category").flatMap((category) => {
    const types = fields["event.category"]?.allowed_values?.find(({ name }) => name === category);
    return list("event.type")
      .filter((type) => types?.expected_event_types?.includes(String(type)) === false)
      .map((type) => `event.type ${type} is not for the category ${category}`);
  });
}
