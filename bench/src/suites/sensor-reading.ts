import { readFile } from "node:fs/promises";
import type { ColumnCoding } from "@oddflow/preprocessing";
import { openTable } from "@oddflow/tables";
import { type BenchSuite, expectTrue } from "../case.ts";
import { READ_LOG } from "../case-names.ts";
import { fromRoot } from "../inputs.ts";

/** What a pipe hands on at a time. */
const PIECE = 65_536;

/** What is taken of packages/cli, which exports nothing: the reader of `score-batch -`. */
interface Pipe {
  openPipe(
    encoding: {
      readonly columns: readonly ColumnCoding[];
      readonly ownColumns: readonly ColumnCoding[];
      readonly context: undefined;
    },
    kept: "none",
  ): {
    read(piece: Uint8Array | undefined): {
      readonly count: number;
      readonly flows: Float32Array;
      readonly problem: Error | undefined;
    };
  };
}

/** A sensor's log in memory to encoded rows, by the reader of the pipe, one thread. Arguments: the log, its codings. */
export async function sensorReadingSuite([log = "", codings = ""]: readonly string[]): Promise<BenchSuite> {
  const { openPipe } = (await import(fromRoot("packages/cli/dist/pipe/open-pipe.js"))) as Pipe;
  const columns: ColumnCoding[] = JSON.parse(await readFile(codings, "utf8"));
  const bytes = await readFile(log);
  const readAll = (take: (flows: Float32Array, count: number) => void): void => {
    const pipe = openPipe({ columns, ownColumns: columns, context: undefined }, "none");
    for (let first = 0; first <= bytes.length + PIECE; first += PIECE) {
      const piece = first < bytes.length ? bytes.subarray(first, first + PIECE) : undefined;
      const { count, flows, problem } = pipe.read(piece);
      if (problem !== undefined) throw problem;
      take(flows, count);
      if (piece === undefined) break;
    }
  };
  const { sums, rows } = await tableSums(log, columns);
  return {
    cases: [
      {
        name: READ_LOG,
        flows: rows,
        timing: "single",
        check: async () => {
          const found = new Float64Array(columns.length);
          let count = 0;
          readAll((flows, own) => {
            for (let i = 0; i < flows.length; i++) {
              const value = flows[i] as number;
              if (!Number.isNaN(value))
                found[i % columns.length] = (found[i % columns.length] as number) + value;
            }
            count += own;
          });
          expectTrue(count === rows, `${log}: ${count} flows read of ${rows}`);
          columns.forEach(({ name }, k) => {
            const [got, expected] = [found[k] as number, sums[k] as number];
            const isClose = Math.abs(got - expected) <= 1e-6 * Math.abs(expected);
            expectTrue(isClose, `${log}, ${name}: a sum of ${got}, and ${expected} as a table`);
          });
        },
        run: () => readAll(() => undefined),
      },
    ],
    close: async () => undefined,
  };
}

/** The sum of each column as a table has it, missing values apart. */
async function tableSums(
  path: string,
  columns: readonly ColumnCoding[],
): Promise<{ readonly sums: Float64Array; readonly rows: number }> {
  const table = await openTable(path);
  const sums = new Float64Array(columns.length);
  for await (const batch of table.scan(columns)) {
    batch.columns.forEach((values, k) => {
      for (const value of values.subarray(0, batch.rows)) {
        if (!Number.isNaN(value)) sums[k] = (sums[k] as number) + value;
      }
    });
  }
  table.close();
  return { sums, rows: table.rows };
}
