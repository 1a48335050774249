import type { ColumnType, TableColumn } from "./columns.ts";
import { OddflowError } from "./errors.ts";

/** What a column is used for. Identifiers and labels never reach the network. */
export type ColumnRole = "identifier" | "label" | "category" | "number";

export const COLUMN_ROLES: readonly ColumnRole[] = ["identifier", "label", "category", "number"];

/** The role of one column and the reason, in words for a person. */
export interface RoleDecision {
  readonly name: string;
  readonly role: ColumnRole;
  readonly reason: string;
  /** What else its values say, where a person should know of it. */
  readonly note?: string;
}

/** The roles of a known schema, as data. */
export interface RoleTable {
  readonly name: string;
  /** Column name, in lower case, to role. A column that is not listed is an identifier. */
  readonly roles: Readonly<Record<string, ColumnRole>>;
  /**
   * Features, in lower case, that nearly give the label away in the data set: how well a detector does is told with and
   * without them.
   */
  readonly labelLeaks?: readonly string[];
}

/** An integer column with fewer distinct values than this is a category by the reference rule. */
const REFERENCE_CATEGORY_LIMIT = 20;

/** A text column with more distinct values than this names things rather than kinds of things. */
const MOST_CATEGORIES = 256;

/** Why a column of text is left out that is no category; its values may tell another reason. */
export const TOO_MANY_TEXTS: string = `text with more than ${MOST_CATEGORIES} distinct values`;

const REFERENCE_LEFT_OUT: readonly string[] = [
  "id",
  "ip",
  "addr",
  "port",
  "time",
  "src",
  "dst",
  "source",
  "dest",
  "destination",
];

const LABEL_NAMES: ReadonlySet<string> = new Set([
  "class",
  "attack",
  "attacks",
  "attack_cat",
  "attack_category",
  "attack_class",
  "attack_name",
  "attack_type",
  "is_attack",
]);

/** Labels of packets and flows that are no verdict. */
const NETWORK_LABEL_WORDS: ReadonlySet<string> = new Set(["mpls", "flow", "stack"]);

/** A name with one of these whole words says who, where or when, not how the flow behaved. */
const IDENTIFIER_WORDS: ReadonlySet<string> = new Set(
  (
    "id uid uuid guid ip ipv4 ipv6 addr address saddr daddr srcaddr dstaddr srcip dstip srcport dstport port sport dport " +
    "mac hostname domain url uri time timestamp ts stime ltime date datetime src dst source destination community"
  ).split(" "),
);

/** Of these, the words that say whose or which way: with a code's word they say whose code it is. */
const WEAK_WORDS: ReadonlySet<string> = new Set("ip ipv4 ipv6 src dst source destination".split(" "));

/** The port that a service answers on, by the words of its column's name. */
const SERVICE_PORT =
  /^(dport|dstport|dsport|dp)$|\b(dst|dest|destination|resp|responder|server)\b.*\b(port|p)\b|\bport (dst|dest|destination)\b/;

/** A name with one of these whole words is a measure, whatever else it says: "orig_ip_bytes", "ct_dst_sport_ltm". */
const MEASURE_WORDS: ReadonlySet<string> = new Set(
  (
    "bytes byte octets pkts packets packet count cnt ct num rate len length size sizes mean std var min max avg total tot sum " +
    "duration dur ttl loss delay iat jitter ratio win window"
  ).split(" "),
);

/** An integer with one of these whole words in its name is a code, not an amount. */
const CODE_WORDS: ReadonlySet<string> = new Set(
  "proto protocol type code tos stos dtos dscp vlan version class flag flags state service method status".split(
    " ",
  ),
);

/**
 * The rule of the reference notebook: a column is left out when its lower-case name contains id, ip, addr, port, time,
 * src, dst, source, dest or destination anywhere; text columns and integer columns of fewer than 20 distinct values are
 * categories; all else are numbers.
 */
export function referenceRoles(columns: readonly TableColumn[]): RoleDecision[] {
  return columns.map((column) => {
    const name = column.name.toLowerCase();
    if (isLabelName(column.name)) return decide(column, "label", "its name says that it is a label");
    const part = REFERENCE_LEFT_OUT.find((text) => name.includes(text));
    if (part !== undefined) return decide(column, "identifier", `its name contains "${part}"`);
    if (column.type === "time" || column.type === "other") {
      return decide(column, "identifier", `a ${typeName(column.type)} column is no feature`);
    }
    if (column.type === "text") return decide(column, "category", "text");
    if (column.type === "boolean") return decide(column, "category", "true or false");
    if (column.type === "integer" && (column.distinct ?? Infinity) < REFERENCE_CATEGORY_LIMIT) {
      return decide(column, "category", `an integer of ${column.distinct} distinct values`);
    }
    return decide(column, "number", "numeric");
  });
}

/** For a schema that no table describes: whole words of the name, then the type and the number of distinct values. */
export function inferRoles(columns: readonly TableColumn[]): RoleDecision[] {
  return columns.map((column) => {
    if (isLabelName(column.name)) {
      return decide(column, "label", "its name says that it is a label");
    }
    if (column.type === "time" || column.type === "other") {
      return decide(column, "identifier", `a ${typeName(column.type)} column is no feature`);
    }
    const words = wordsOf(column.name);
    const isMeasure = words.some((word) => MEASURE_WORDS.has(word));
    if (SERVICE_PORT.test(words.join(" ")) && !isMeasure && column.distinct !== 0) {
      return decide(column, "category", "a service's port");
    }
    const isCode = words.some((word) => CODE_WORDS.has(word));
    const identifierWord = words.find(
      (word) => IDENTIFIER_WORDS.has(word) && !(isCode && WEAK_WORDS.has(word)),
    );
    if (identifierWord !== undefined && !isMeasure) {
      return decide(column, "identifier", `its name has the word "${identifierWord}"`);
    }
    if (column.distinct === 0) return decide(column, "identifier", "it holds no value");
    if (column.type === "boolean") return decide(column, "category", "true or false");
    if (column.type === "text") {
      return (column.distinct ?? 0) > MOST_CATEGORIES
        ? decide(column, "identifier", TOO_MANY_TEXTS)
        : decide(column, "category", "text");
    }
    const codeWord = words.find((word) => CODE_WORDS.has(word));
    const few = (column.distinct ?? Infinity) <= MOST_CATEGORIES;
    if (column.type === "integer" && codeWord !== undefined && few && !isMeasure) {
      return decide(column, "category", `an integer whose name has the word "${codeWord}"`);
    }
    return decide(column, "number", "numeric");
  });
}

/** The roles that a table of roles gives; columns that it does not list are left out. */
export function rolesFromTable(columns: readonly TableColumn[], table: RoleTable): RoleDecision[] {
  return columns.map((column) => {
    const role = Object.hasOwn(table.roles, column.name.toLowerCase())
      ? table.roles[column.name.toLowerCase()]
      : undefined;
    return role === undefined
      ? decide(column, "identifier", `not in the ${table.name} role table`)
      : decide(column, role, `the ${table.name} role table`);
  });
}

/** The first table whose every feature column the given columns have (letter case aside), if any. */
export function findRoleTable(
  columns: readonly TableColumn[],
  tables: readonly RoleTable[],
): RoleTable | undefined {
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  return tables.find((table) =>
    Object.entries(table.roles).every(
      ([name, role]) => role === "identifier" || role === "label" || names.has(name),
    ),
  );
}

/**
 * Replaces the roles of the named columns.
 * @throws OddflowError ROLES_INVALID when a named column is not among the decisions.
 */
export function overrideRoles(
  decisions: readonly RoleDecision[],
  overrides: ReadonlyMap<string, ColumnRole>,
): RoleDecision[] {
  const names = new Set(decisions.map((decision) => decision.name));
  const unknown = [...overrides.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new OddflowError(
      "ROLES_INVALID",
      `override roles: the table has no column ${unknown.map((name) => `"${name}"`).join(", ")}; it has ${[...names].join(", ")}`,
    );
  }
  return decisions.map((decision) => {
    const role = overrides.get(decision.name);
    return role === undefined ? decision : { name: decision.name, role, reason: "named by the user" };
  });
}

/** "SrcAddr", "src_addr" and "Src Addr" all give src, addr; "IPV4_SRC_ADDR" gives ipv4, src, addr. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** "Label", "Label.1", "detailed-label", "attack_cat", "isAttack"; not "mpls_label" or "flow_label". */
function isLabelName(name: string): boolean {
  const words = wordsOf(name);
  if (LABEL_NAMES.has(words.join("_"))) return true;
  return (
    words.some((word) => word === "label" || word === "labels") &&
    !words.some((word) => NETWORK_LABEL_WORDS.has(word))
  );
}

function typeName(type: ColumnType): string {
  return type === "time" ? "date or time" : "nested or binary";
}

function decide(column: TableColumn, role: ColumnRole, reason: string): RoleDecision {
  return { name: column.name, role, reason };
}
