import { expect, test, vi } from "vitest";
import { mapRows } from "../src/row-graph.ts";

const sessions = vi.hoisted(() => ({ opened: 0, released: 0 }));

vi.mock("@oddflow/inference/node", async (original) => ({
  ...(await original<typeof import("@oddflow/inference/node")>()),
  openNodeSession: async () => {
    sessions.opened++;
    return {
      run: () => Promise.reject(new Error("out of memory")),
      release: async () => void sessions.released++,
    };
  },
}));

test("a graph over rows that fails leaves no session behind", async () => {
  const values = new Float32Array(6);
  await expect(mapRows(values, 2, 2, (graph, rows) => graph.node("Relu", [rows]))).rejects.toThrow(
    "out of memory",
  );
  expect(sessions).toEqual({ opened: 1, released: 1 });
});
