import type { ColumnType } from "../columns.ts";

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
    "mac hostname domain url uri time timestamp ts stime ltime date datetime src dst source destination community asn"
  ).split(" "),
);

/** Of these, the words that say whose or which way: with a code's word they say whose code it is. */
const WEAK_WORDS: ReadonlySet<string> = new Set("ip ipv4 ipv6 src dst source destination".split(" "));

/** Those that say when. */
const TIME_WORDS: ReadonlySet<string> = new Set("time timestamp ts stime ltime date datetime".split(" "));

/** Of numbers these say what they are only at the end of a name: `router_ip` is an address, `ip_options` are options. */
const LAST_WORDS: ReadonlySet<string> = new Set("ip ipv4 ipv6 port mac time".split(" "));

/** What may stand behind the word that says what a column is: which way, which one, in what form. */
const TRAILING_WORD =
  /^(src|dst|source|destination|orig|resp|originator|responder|client|server|local|remote|first|last|start|end|begin|[a-z]|\d+|int|dec|hex|long|num|ns|us|ms|s|sec|seconds|epoch)$/;

/** The port that a service answers on, by the words of its column's name. */
const SERVICE_PORT =
  /^(dport|dstport|dsport|dp)$|\b(dst|dest|destination|resp|responder|server)\b.*\b(port|p)\b|\bport (dst|dest|destination)\b/;

/** A name with one of these whole words is a measure, whatever else it says: "orig_ip_bytes", "ct_dst_sport_ltm". */
const MEASURE_WORDS: ReadonlySet<string> = new Set(
  (
    "bytes byte octets bits pkts packets packet count counts cnt ct num rate len length size sizes mean std var min max avg " +
    "median total tot sum duration dur ttl rtt latency loss lost delay iat jitter ratio share percent win window load " +
    "throughput speed bandwidth bps pps gap gaps retransmissions drops errors entropy"
  ).split(" "),
);

/** With one of these words a time is how long something took, not when it was. */
const TIME_SPAN =
  /\b(response|rsp|reply|request|connect|connection|connections|handshake|processing|service|idle|active|elapsed|round|inter|interarrival|since|between|think|wait|live)\b/;

/** A number with one of these whole words in its name is a code, not an amount. */
const CODE_WORDS: ReadonlySet<string> = new Set(
  (
    "proto protocol type code tos stos dtos dscp ecn vlan version class flag flags state service method status opcode " +
    "rcode qtype qclass ethertype"
  ).split(" "),
);

/** Codes where they end a name: "application_confidence" is none. */
const LAST_CODE_WORDS: ReadonlySet<string> = new Set([...CODE_WORDS, "app", "application"]);

/** A name that ends with one of these says which file or which run of a sensor a flow is from. */
const RUN_WORDS: ReadonlySet<string> = new Set(
  "dataset capture scenario experiment pcap pcapng file filename run trace recording testbed".split(" "),
);

/** What the words of a column's name say. */
export interface NameWords {
  /** Whole words, in lower case. */
  readonly words: readonly string[];
  readonly isMeasure: boolean;
  readonly isServicePort: boolean;
  /** Of an identifier, the word that says so. */
  readonly identifierWord: string | undefined;
  /** Of a code, the word that says so, and whether it is what the column is: `L7_PROTO`, not `service_requests`. */
  readonly codeWord: string | undefined;
  readonly isCode: boolean;
  readonly isRun: boolean;
}

/** What a number holds says which of a name's words count; of text all do. */
export type NamedValues = "text" | "whole numbers" | "fractions";

export function readName(name: string, holds: NamedValues): NameWords {
  const words = wordsOf(name);
  const text = words.join(" ");
  const last = lastWord(words);
  const isMeasure = words.some((word) => MEASURE_WORDS.has(word)) || isTimeSpan(text, last, holds);
  const isCode = !isMeasure && LAST_CODE_WORDS.has(last);
  const codeWord = words.find((word) => CODE_WORDS.has(word)) ?? (isCode ? last : undefined);
  return {
    words,
    isMeasure,
    isServicePort: SERVICE_PORT.test(text) && !isMeasure,
    identifierWord: isMeasure
      ? undefined
      : words.find((word, index) => isIdentifierWord(word, words[index - 1], { last, codeWord, holds })),
    codeWord: isMeasure ? undefined : codeWord,
    isCode,
    isRun: !isMeasure && (RUN_WORDS.has(last) || /\bdata set$/.test(text)),
  };
}

function isIdentifierWord(
  word: string,
  before: string | undefined,
  { last, codeWord, holds }: { last: string; codeWord: string | undefined; holds: NamedValues },
): boolean {
  if (!IDENTIFIER_WORDS.has(word)) return false;
  // A fraction names nobody.
  if (holds === "fractions" && !TIME_WORDS.has(word)) return false;
  // "vlan_id" is the VLAN itself.
  if (word === "id") return !LAST_CODE_WORDS.has(before ?? "");
  if (codeWord !== undefined && WEAK_WORDS.has(word)) return false;
  return holds === "text" || !LAST_WORDS.has(word) || word === last;
}

function isTimeSpan(text: string, last: string, holds: NamedValues): boolean {
  if (holds === "text") return false;
  return (last === "time" && TIME_SPAN.test(text)) || text.includes("time to live");
}

/** The word that says what a column is: "source_ip_1" an ip, "vlan_id" a vlan; the last one where all may stand behind it. */
function lastWord(words: readonly string[]): string {
  const index = words.findLastIndex((word) => !TRAILING_WORD.test(word));
  const last = words[index] ?? words.at(-1) ?? "";
  const before = words[index - 1] ?? "";
  return last === "id" && LAST_CODE_WORDS.has(before) ? before : last;
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
export function isLabelName(name: string): boolean {
  const words = wordsOf(name);
  if (LABEL_NAMES.has(words.join("_"))) return true;
  return (
    words.some((word) => word === "label" || word === "labels") &&
    !words.some((word) => NETWORK_LABEL_WORDS.has(word))
  );
}

export function typeName(type: ColumnType): string {
  return type === "time" ? "date or time" : "nested or binary";
}
