import { readFile } from "node:fs/promises";
import { OddflowError } from "@oddflow/preprocessing";
import { type BoundRules, bindRules, type LackingColumns, type RuleSet } from "@oddflow/rules";
import { complain, oneLine } from "./terminal.ts";

/** The rules of a file; undefined where none is named. @throws OddflowError RULES_INVALID */
export async function readRules(path: string): Promise<RuleSet>;
export async function readRules(path: string | undefined): Promise<RuleSet | undefined>;
export async function readRules(path: string | undefined): Promise<RuleSet | undefined> {
  return path === undefined ? undefined : parsedRules(await readRulesFile(path), path);
}

/** @throws OddflowError RULES_INVALID where the system refuses to read */
export async function readRulesFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === "ENOENT" ? "there is no such file" : `the system says ${cause.code}`;
    throw new OddflowError("RULES_INVALID", `read rules: ${path}: ${problem}; name a file of rules`, {
      cause,
    });
  });
}

/** @throws OddflowError RULES_INVALID */
export async function parsedRules(bytes: Uint8Array, path: string): Promise<RuleSet> {
  // What reads YAML is loaded by who has rules alone.
  const { parseRules } = await import("./parse-rules.ts");
  return parseRules(new TextDecoder().decode(bytes), path);
}

/** Says which rules match none of a table's flows for want of columns. */
export function tellLackingOf(
  rules: RuleSet | undefined,
  { columns }: { readonly columns: readonly { readonly name: string }[] },
): void {
  if (rules === undefined) return;
  tellLacking(boundTo(rules, { columns }).lacking);
}

/** Rules for a table's flows. */
export function boundTo(
  rules: RuleSet,
  { columns }: { readonly columns: readonly { readonly name: string }[] },
): BoundRules {
  return bindRules(
    rules,
    columns.map(({ name }) => name),
  );
}

/** Says which rules match nothing for want of columns. */
export function tellLacking(lacking: readonly LackingColumns[]): void {
  for (const text of lackingTexts(lacking)) complain(`rules      ${text}\n`);
}

/** The same as lines. */
function lackingTexts(lacking: readonly LackingColumns[]): readonly string[] {
  return lacking.map((own) =>
    oneLine(`${own.rule} matches nothing: the flows lack ${own.lacking.join(", ")}`),
  );
}
