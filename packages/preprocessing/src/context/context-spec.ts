import { OddflowError } from "../errors.ts";

/** How a failed connection is told. */
export type FailureRule =
  /** By the value of a column, as text: Zeek's `conn_state` S0. */
  | { readonly column: string; readonly values: readonly string[] }
  /** By what the responder sent: a column of 0 says that it did not answer. */
  | { readonly unanswered: string };

/**
 * From which columns of a table the context of its flows is counted, and over which windows. Plain JSON, kept in the model's
 * spec. The columns that it adds stand behind the flows' own, in the order of `contextColumns`.
 */
export interface ContextSpec {
  /** Seconds, ascending, without repeats. */
  readonly windows: readonly number[];
  /** Says when a flow began. */
  readonly time: string;
  /** Of addresses: who began the flow, and with whom. Of several columns, such as one for IPv4 and one for IPv6, the first value. */
  readonly source: readonly string[];
  readonly destination: readonly string[];
  /** The port that the service answers on. */
  readonly port?: string;
  readonly protocol?: string;
  /** Added up; the two directions are columns of their own in many tables. */
  readonly bytes: readonly string[];
  readonly packets: readonly string[];
  readonly failed?: FailureRule;
  /** Names of columns of the context that are none of the model's. */
  readonly leftOut?: readonly string[];
  /** Flows with different values here do not know of each other: addresses of one network mean other hosts in another. */
  readonly network?: string;
  /** Says that the last column is the hour of the week, which scores are held against. */
  readonly calendar?: true;
}

/** What is read of a flow for its context, its time aside. */
export type ContextColumnNames = Omit<ContextSpec, "windows" | "time" | "leftOut" | "calendar">;

/** A day: the squares of times within a longer window need not be whole numbers that a double holds. */
const LONGEST_WINDOW = 86_400;

const MOST_WINDOWS = 8;

/** The columns of a table that a context is counted from, each once; the time comes first where there is one. */
export function contextInputs(
  spec: ContextColumnNames & { readonly time?: string | undefined },
): readonly string[] {
  const { time, source, destination, port, protocol, bytes, packets, failed, network } = spec;
  const failure = failed === undefined ? [] : ["column" in failed ? failed.column : failed.unanswered];
  const names = [time, ...source, ...destination, port, protocol, ...bytes, ...packets, ...failure, network];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The fields of a record that a model needs: its columns' and those that a context is counted from, each once. */
export function neededFields(
  ownColumns: readonly { readonly name: string }[],
  context: ContextSpec | undefined,
): readonly string[] {
  const own = ownColumns.map(({ name }) => name);
  return [...new Set(context === undefined ? own : [...own, ...contextInputs(context)])];
}

/** The inputs whose letters tell hosts and services apart, or say that a flow failed; not what is added up, and not times. */
export function contextLetters(spec: ContextSpec): ReadonlySet<string> {
  const { failed, time: _, ...names } = spec;
  const areLetters = failed !== undefined && "column" in failed;
  return new Set(contextInputs({ ...names, bytes: [], packets: [], ...(areLetters ? { failed } : {}) }));
}

/** The other inputs, of which a number and its text mean the same. */
export function contextNumbers(spec: ContextSpec): ReadonlySet<string> {
  const letters = contextLetters(spec);
  return new Set(contextInputs(spec).filter((name) => !letters.has(name)));
}

/**
 * Reads the spec of a context out of parsed JSON.
 * @throws OddflowError SPEC_INVALID
 */
export function parseContextSpec(value: unknown): ContextSpec {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("", "an object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (key: string): string => {
    const found = fields.get(key);
    if (typeof found !== "string") throw invalid(key, "the name of a column");
    return found;
  };
  const optional = (key: string): { readonly [name: string]: string } =>
    fields.get(key) === undefined ? {} : { [key]: text(key) };
  const texts = (key: string): readonly string[] => textList(key, fields.get(key));
  const some = (key: string): readonly string[] => {
    const found = texts(key);
    if (found.length === 0) throw invalid(key, "the names of one column or more");
    return found;
  };
  const [failed, calendar] = [fields.get("failed"), fields.get("calendar")];
  if (calendar !== undefined && calendar !== true) throw invalid("calendar", "true, or absent");
  return {
    windows: parseWindows(fields.get("windows")),
    time: text("time"),
    source: some("source"),
    destination: some("destination"),
    ...optional("port"),
    ...optional("protocol"),
    bytes: texts("bytes"),
    packets: texts("packets"),
    ...(failed === undefined ? {} : { failed: parseFailureRule(failed) }),
    ...optional("network"),
    ...(fields.get("leftOut") === undefined ? {} : { leftOut: texts("leftOut") }),
    ...(calendar ? { calendar } : {}),
  };
}

function parseWindows(value: unknown): readonly number[] {
  const expected = `1 to ${MOST_WINDOWS} whole numbers of seconds from 1 to ${LONGEST_WINDOW}, ascending`;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_WINDOWS)
    throw invalid("windows", expected);
  return value.map((item: unknown, index) => {
    const former: unknown = index === 0 ? 0 : value[index - 1];
    const isWindow = typeof item === "number" && Number.isInteger(item) && item > Number(former);
    if (!isWindow || item > LONGEST_WINDOW) throw invalid("windows", expected);
    return item;
  });
}

function parseFailureRule(value: unknown): FailureRule {
  const fields = new Map<string, unknown>(
    typeof value === "object" && value !== null ? Object.entries(value) : [],
  );
  const [column, unanswered] = [fields.get("column"), fields.get("unanswered")];
  if (typeof unanswered === "string") return { unanswered };
  if (typeof column === "string") return { column, values: textList("failed.values", fields.get("values")) };
  throw invalid("failed", "a column and its values, or a column of the responder's bytes");
}

function textList(key: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalid(key, "a list of texts");
}

function invalid(key: string, expected: string): OddflowError {
  const where = key === "" ? "context" : `context.${key}`;
  return new OddflowError("SPEC_INVALID", `read preprocessing spec: ${where} must be ${expected}`);
}
