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
