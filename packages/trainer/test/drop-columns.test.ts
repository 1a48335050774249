import { type ContextSpec, contextColumns } from "@oddflow/preprocessing";
import { dropColumns } from "@oddflow/trainer";
import { expect, test } from "vitest";

test("columns are dropped from a copy, values, order and labels kept; no copy is made for none", () => {
  const columns = ["a", "b", "c"].map((name) => ({ kind: "number", name }) as const);
  const flows = Float32Array.of(1, 2, 3, 4, 5, 6);
  const labels = { isAttack: Uint8Array.of(0, 1) };
  const dropped = dropColumns({ columns, flows, labels }, ["b"]);
  expect(dropped).toEqual({ columns: [columns[0], columns[2]], flows: Float32Array.of(1, 3, 4, 6), labels });
  dropped.flows.fill(0);
  expect([...flows]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(dropColumns({ columns, flows }, []).flows).toBe(flows);
  for (const names of [["d"], ["a", "b", "c"]]) {
    expect(() => dropColumns({ columns, flows }, names)).toThrow(
      expect.objectContaining({ code: "ROLES_INVALID" }),
    );
  }
});

test("a context knows which of its columns were dropped; a column of the flow itself must be left", () => {
  const context: ContextSpec = {
    windows: [60],
    time: "ts",
    source: ["from"],
    destination: ["to"],
    bytes: [],
    packets: [],
  };
  const counted = contextColumns(context).map(({ name }) => name);
  const columns = ["a", "b", ...counted].map((name) => ({ kind: "number", name }) as const);
  const flows = Float32Array.from(columns.keys());
  const endpoints = { source: Uint32Array.of(0), destination: Uint32Array.of(0) };
  const drop = (names: readonly string[]) => dropColumns({ columns, flows, context, endpoints }, names);
  const [first = ""] = counted;
  expect(drop(["a", first])).toMatchObject({ context: { ...context, leftOut: [first] }, endpoints });
  expect([...drop(["a", first]).flows]).toEqual([1, ...counted.slice(1).map((_, k) => k + 3)]);
  expect(drop(["a"]).context).toEqual(context);
  expect(drop(counted).context).toBeUndefined();
  expect(() => drop(["a", "b"])).toThrow(expect.objectContaining({ code: "ROLES_INVALID" }));
});
