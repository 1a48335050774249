import { type ContextSpec, contextColumns, OddflowError } from "@oddflow/preprocessing";
import { type ContextDecision, decideContext, type FlowTable } from "@oddflow/tables";
import { oneLine } from "./terminal.ts";
import type { ContextChoice } from "./training-plan.ts";

/**
 * What the flows of a table to train on are seen beside; undefined where nobody wants that.
 * @throws OddflowError USAGE when a column is named that keeps networks apart, and the table's flows have no context
 */
export async function tableContext(
  table: FlowTable,
  choice: ContextChoice,
  calendar: boolean,
): Promise<ContextDecision | undefined> {
  if (choice === "off") return undefined;
  const decision = await decideContext(table, { network: choice.network, calendar });
  if (choice.network === undefined || "spec" in decision) return decision;
  throw new OddflowError(
    "USAGE",
    `--context-by ${choice.network}: ${table.paths[0]} gives flows no context, since ${decision.none}; leave the option out`,
  );
}

export function contextSpecOf(decision: ContextDecision | undefined): ContextSpec | undefined {
  return decision !== undefined && "spec" in decision ? decision.spec : undefined;
}

/** What was decided, for a person. */
export function formatContext(decision: ContextDecision | undefined): string {
  if (decision === undefined) return "Context: off, each flow is seen alone";
  if ("none" in decision) return `Context: none, ${decision.none}`;
  const { spec } = decision;
  const names = (columns: readonly (string | undefined)[]): string =>
    columns.flatMap((name) => (name === undefined ? [] : [oneLine(name)])).join(" ");
  const { failed } = spec;
  const lines: readonly (readonly [string, string])[] = [
    ["hosts", `${names(spec.source)} to ${names(spec.destination)}`],
    ["service", names([spec.port, spec.protocol])],
    ["time", names([spec.time])],
    ["amounts", names([...spec.bytes, ...spec.packets])],
    ["failed", failed === undefined ? "" : failureText(failed)],
    ["networks", names([spec.network])],
    ["calendar", spec.calendar ? "scores are held against their hour of the week, UTC" : ""],
  ];
  const features = contextColumns(spec).filter(({ measure }) => measure !== "hour").length;
  return [
    `Context: ${features} features of the flows in the ${spec.windows.join(" and ")} seconds before`,
    ...lines.flatMap(([what, text]) => (text === "" ? [] : [`  ${what.padEnd(12)}${text}`])),
  ].join("\n");
}

function failureText(rule: NonNullable<ContextSpec["failed"]>): string {
  return "unanswered" in rule
    ? `${oneLine(rule.unanswered)} is 0`
    : `${oneLine(rule.column)} is ${rule.values.join(", ")}`;
}
