import { parseAddress, parseNetwork } from "@oddflow/flow-sources";
import { RULE_VERDICTS } from "@oddflow/preprocessing";
import { nearest } from "./nearest.ts";
import { DAYS } from "./rule.ts";
import { isZone, minuteOf, startOfDate } from "./time-test.ts";

/** What is wrong with rules, and where. */
export interface RuleProblem {
  /** Keys and places from the outermost on. */
  readonly path: readonly (string | number)[];
  /** In words: what was found, what was expected. */
  readonly problem: string;
  /** Whether the JSON Schema says it, too; what it cannot say is a network that is none, a day that no calendar has and the like. */
  readonly isOfShape: boolean;
}

type Path = RuleProblem["path"];

const KEYS = {
  file: ["rules"],
  rule: ["id", "comment", "verdict", "match", "host", "during", "expires"],
  range: ["from", "to", "pattern"],
  during: ["days", "from", "to", "zone"],
} as const;

const ID = /^[A-Za-z0-9_.-]{1,64}$/;
const CLOCK = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const LONGEST_PATTERN = 256;

/** What is wrong with a value that is to be a `RuleSet`, in its order; nothing where it is one. */
export function ruleProblems(value: unknown): readonly RuleProblem[] {
  const check = new RuleCheck();
  check.file(value);
  return check.problems;
}

class RuleCheck {
  readonly problems: RuleProblem[] = [];

  file(value: unknown): void {
    if (!this.#isObject(value, [], KEYS.file, "rules: and a list of them")) return;
    const rules = value["rules"];
    if (!Array.isArray(rules)) {
      this.#shape(["rules"], `${shown(rules)} found, a list of rules expected`);
      return;
    }
    const places = new Map<unknown, number>();
    for (const [k, rule] of rules.entries()) {
      this.#rule(rule, ["rules", k]);
      const id: unknown = isObject(rule) ? rule["id"] : undefined;
      const before = places.get(id);
      if (typeof id === "string" && before !== undefined)
        this.#value(["rules", k, "id"], `the id ${id} is that of rule ${before + 1}, too; give each its own`);
      else places.set(id, k);
    }
  }

  #rule(value: unknown, path: Path): void {
    if (!this.#isObject(value, path, KEYS.rule, "a rule")) return;
    const { id, comment, verdict, match, host, during, expires } = value;
    if (typeof id !== "string" || !ID.test(id))
      this.#shape([...path, "id"], `${shown(id)} found, 1 to 64 letters, digits, - _ or . expected`);
    if (comment !== undefined && typeof comment !== "string")
      this.#shape([...path, "comment"], `${shown(comment)} found, a text expected`);
    if (!isOneOf(RULE_VERDICTS, verdict))
      this.#shape([...path, "verdict"], `${shown(verdict)} found, ${RULE_VERDICTS.join(", ")} expected`);
    if (match === undefined && host === undefined && during === undefined)
      this.#shape(path, "it says of which alarms it is; add match, host or during");
    if (match !== undefined) this.#match(match, [...path, "match"]);
    if (host !== undefined) this.#host(host, [...path, "host"]);
    if (during !== undefined) this.#during(during, [...path, "during"]);
    if (expires !== undefined) this.#expires(expires, [...path, "expires"]);
  }

  #match(value: unknown, path: Path): void {
    if (!this.#isObject(value, path, undefined, "columns and what they must be")) return;
    const conditions = Object.entries(value);
    if (conditions.length === 0) this.#shape(path, "it names no column; name one, or leave match out");
    for (const [column, condition] of conditions) this.#condition(condition, [...path, column]);
  }

  #condition(value: unknown, path: Path): void {
    if (Array.isArray(value)) {
      if (value.length === 0) this.#shape(path, "an empty list found, values expected");
      for (const [k, one] of value.entries()) this.#named(one, [...path, k]);
    } else if (isObject(value)) this.#range(value, path);
    else this.#named(value, path);
  }

  #range(value: Readonly<Record<string, unknown>>, path: Path): void {
    this.#isObject(value, path, KEYS.range, "a range or a pattern");
    const { from, to, pattern } = value;
    if (pattern === undefined) {
      if (from === undefined && to === undefined) this.#shape(path, "from, to or pattern expected");
      for (const [key, limit] of Object.entries({ from, to })) {
        if (limit !== undefined && !isNumber(limit))
          this.#shape([...path, key], `${shown(limit)} found, a number expected`);
      }
      if (isNumber(from) && isNumber(to) && from > to)
        this.#value(path, `from ${from} is more than to ${to}; exchange them`);
      return;
    }
    if (typeof pattern !== "string" || pattern === "" || [...pattern].length > LONGEST_PATTERN)
      this.#shape(
        [...path, "pattern"],
        `${shown(pattern)} found, a text of 1 to ${LONGEST_PATTERN} letters expected`,
      );
    if (from !== undefined || to !== undefined)
      this.#shape(path, "a range and a pattern found, one of them expected");
  }

  #named(value: unknown, path: Path): void {
    if (typeof value === "number") {
      if (!Number.isFinite(value)) this.#shape(path, `${value} found, a finite number expected`);
      else if (Number.isInteger(value) && !Number.isSafeInteger(value))
        this.#value(path, `${value} has more digits than a number holds; put it in quotes`);
    } else if (typeof value === "string") {
      if (value === "") this.#shape(path, "an empty text found; missing values match no rule");
      else if (value.trim() === "") this.#value(path, "a blank text found; missing values match no rule");
      else this.#network(value, path);
    } else if (typeof value !== "boolean") {
      this.#shape(
        path,
        `${shown(value)} found, a value, a list of values, { from, to } or { pattern } expected`,
      );
    }
  }

  /** What begins as an address and goes on with a stroke was to be a network. */
  #network(text: string, path: Path): void {
    const [, address = ""] = /^([^/]+)\/\d+$/.exec(text.trim()) ?? [];
    if (parseAddress(address) !== undefined && parseNetwork(text.trim()) === undefined)
      this.#value(path, `${text} is no network; expected as in 10.0.0.0/8 or fd00::/8`);
  }

  #host(value: unknown, path: Path): void {
    const hosts = Array.isArray(value) ? value.map((host, k) => [host, [...path, k]] as const) : undefined;
    if (hosts?.length === 0) this.#shape(path, "an empty list found, addresses expected");
    for (const [host, place] of hosts ?? [[value, path] as const]) {
      if (typeof host !== "string")
        this.#shape(place, `${shown(host)} found, an address or a network expected`);
      else if (parseAddress(host.trim()) === undefined && parseNetwork(host.trim()) === undefined)
        this.#value(place, `${JSON.stringify(host)} is neither an address nor a network such as 10.0.0.0/8`);
    }
  }

  #during(value: unknown, path: Path): void {
    if (!this.#isObject(value, path, KEYS.during, "days, from, to and zone")) return;
    const { days, from, to, zone } = value;
    if (days === undefined && from === undefined && to === undefined)
      this.#shape(path, "it says no time; add days, from or to");
    if (days !== undefined && (!Array.isArray(days) || days.length === 0))
      this.#shape([...path, "days"], `${shown(days)} found, a list of ${DAYS.join(", ")} expected`);
    for (const [k, day] of Array.isArray(days) ? days.entries() : []) {
      if (!isOneOf(DAYS, day))
        this.#shape([...path, "days", k], `${shown(day)} found, ${DAYS.join(", ")} expected`);
    }
    const isFrom = from === undefined || (typeof from === "string" && CLOCK.test(from));
    const isTo = to === undefined || (typeof to === "string" && (CLOCK.test(to) || to === "24:00"));
    if (!isFrom) this.#shape([...path, "from"], `${shown(from)} found, a time such as "22:00" expected`);
    if (!isTo) this.#shape([...path, "to"], `${shown(to)} found, a time such as "06:00" or "24:00" expected`);
    if (isFrom && isTo && minuteOf(from ?? "00:00") === minuteOf(to ?? "24:00"))
      this.#value(
        path,
        "from and to are the same time, so that it is never; leave both out for all of a day",
      );
    if (zone !== undefined && typeof zone !== "string")
      this.#shape([...path, "zone"], `${shown(zone)} found, a text expected`);
    else if (zone !== undefined && !isZone(zone))
      this.#value([...path, "zone"], `${zone} is no time zone; expected as in Europe/Berlin or UTC`);
  }

  #expires(value: unknown, path: Path): void {
    if (typeof value !== "string" || !DATE.test(value))
      this.#shape(path, `${shown(value)} found, a date such as 2027-01-31 expected`);
    else if (Number.isNaN(startOfDate(value))) this.#value(path, `${value} is no day of the calendar`);
  }

  /** @param keys those that it may have; undefined for any */
  #isObject(
    value: unknown,
    path: Path,
    keys: readonly string[] | undefined,
    expected: string,
  ): value is Readonly<Record<string, unknown>> {
    if (!isObject(value)) {
      this.#shape(path, `${shown(value)} found, ${expected} expected`);
      return false;
    }
    for (const key of keys === undefined ? [] : Object.keys(value)) {
      if (keys?.includes(key) === true) continue;
      const meant = nearest(key, keys ?? []);
      const advice = meant === undefined ? `expected ${keys?.join(", ")}` : `did you mean ${meant}?`;
      this.#shape([...path, key], `the key ${JSON.stringify(key)} is not known; ${advice}`);
    }
    return true;
  }

  #shape(path: Path, problem: string): void {
    this.problems.push({ path, problem, isOfShape: true });
  }

  #value(path: Path, problem: string): void {
    this.problems.push({ path, problem, isOfShape: false });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isOneOf(known: readonly string[], value: unknown): boolean {
  return typeof value === "string" && known.includes(value);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
