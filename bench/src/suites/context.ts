import { type ContextSpec, ContextState, contextColumns } from "@oddflow/preprocessing";
import { decideContext, openTable } from "@oddflow/tables";
import { type BenchSuite, expectTrue } from "../case.ts";
import { CONTEXT_OF_MILLION, CONTEXT_OF_SOME, SCAN_ALONE, SCAN_IN_CONTEXT } from "../case-names.ts";
import { addMadeUpFlows, MADE_UP_CONTEXT } from "../data/made-up-hosts.ts";

const FLOWS = 1_000_000;

/** The context of flows as they come, from memory, and of a table whose rows are in no order. Argument: the table. */
export async function contextSuite([path = ""]: readonly string[]): Promise<BenchSuite> {
  const table = await openTable(path);
  const decision = await decideContext(table);
  if (!("spec" in decision)) throw new Error(`bench: ${path} gives flows no context: ${decision.none}`);
  const codings = table.columns
    .filter(({ type }) => type === "integer" || type === "number")
    .map(({ name }) => ({ kind: "number", name }) as const);
  const scan = async (context: ContextSpec | undefined): Promise<void> => {
    const width = codings.length + (context ? contextColumns(context).length : 0);
    let rows = 0;
    for await (const batch of table.scan(codings, { context })) {
      expectTrue(batch.columns.length === width, `${batch.columns.length} columns scanned of ${width}`);
      rows += batch.rows;
    }
    expectTrue(rows === table.rows, `${rows} rows scanned of ${table.rows}`);
  };
  const streaming = (name: string, hosts: number) => ({
    name,
    flows: FLOWS,
    timing: "single" as const,
    check: async () => {},
    run: () => {
      const state = new ContextState(MADE_UP_CONTEXT);
      const flowsOfSource = addMadeUpFlows(state, FLOWS, hosts);
      // Each host began FLOWS / hosts of the flows, all within the longest window.
      expectTrue(
        Math.abs(flowsOfSource - FLOWS / hosts) < 1 + FLOWS / hosts / 4,
        `${flowsOfSource} flows counted`,
      );
    },
  });
  return {
    cases: [
      streaming(CONTEXT_OF_SOME, 10_000),
      streaming(CONTEXT_OF_MILLION, 1_000_000),
      {
        name: SCAN_ALONE,
        flows: table.rows,
        timing: "single",
        check: async () => {},
        run: () => scan(undefined),
      },
      {
        name: SCAN_IN_CONTEXT,
        flows: table.rows,
        timing: "single",
        check: async () => {},
        run: () => scan(decision.spec),
      },
    ],
    close: async () => table.close(),
  };
}
