/** Names of kinds of traffic that mean "no attack", in lower case. */
const NORMAL_NAMES: ReadonlySet<string> = new Set(
  "normal normal. benign legitimate background none - 0 false f no n".split(" "),
);

/** Words that say of a flow that it is no attack, in a column that says so of each flow. */
const NORMAL_WORD = /^(normal|benign|legitimate|legit)$/;

/** Words for attacks, and kinds of them in the public data sets; few of them are names of anything else in a flow. */
const ATTACK_WORDS: ReadonlySet<string> = new Set(
  (
    "attack attacks malicious malware anomaly anomalous abnormal intrusion ddos dos botnet bot scan scanning portscan " +
    "bruteforce brute infiltration injection xss sqli ransomware backdoor backdoors mitm exploit exploits fuzzers " +
    "reconnaissance shellcode worm worms heartbleed patator slowloris hulk goldeneye slowhttptest mirai torii okiru " +
    "smurf neptune teardrop satan ipsweep portsweep nmap mscan saint rootkit warezclient warezmaster spoofing theft u2r r2l"
  ).split(" "),
);

/** Whether a kind of traffic is no attack: it is called normal, benign, legitimate, background, none, false or no, "-" or "0". */
export function isNormalName(name: string): boolean {
  return NORMAL_NAMES.has(name.trim().toLowerCase());
}

/** What stands where a flow has no label, as nfdump and others write it. */
const NO_LABEL = /^(\W*|<none>|\(empty\)|n\/?a|null|none|unlabell?ed|no ?label|need ?manual ?label)$/i;

/** Whether a label says nothing of a flow. */
export function isNoLabel(name: string): boolean {
  return NO_LABEL.test(name.trim());
}

/** What a column's words say: of each flow whether it is an attack, of attacks what they are, or neither. */
export type LabelWords = "labels" | "attacks" | undefined;

/**
 * Tells a column of labels by its values. It is one where some value means normal and another is an attack's name, or where
 * at least half of the values are such names: "normal" alone may be a priority, and "scan" one service among many.
 * @param values its distinct values, the missing ones aside
 */
export function labelWords(values: readonly string[]): LabelWords {
  const present = values.filter((value) => !/^\W*$/.test(value));
  let normal = 0;
  let attacks = 0;
  let benign = 0;
  for (const value of present) {
    const words = value
      .replace(/([a-z])([A-Z][a-z])/g, "$1 $2")
      .toLowerCase()
      .split(/[^a-z0-9]+/);
    if (words.some((word) => ATTACK_WORDS.has(word))) attacks++;
    else if (words.some((word) => NORMAL_WORD.test(word))) normal++;
    if (words.includes("benign") || value.trim().toLowerCase() === "normal.") benign++;
  }
  if ((normal > 0 && attacks > 0) || (benign > 0 && benign === present.length)) return "labels";
  return attacks > 0 && 2 * attacks >= present.length ? "attacks" : undefined;
}
