import { openNodeSession, Tensor } from "@oddflow/inference/node";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";

/** Rows a call: as many as keep a call's values in the cache. */
const ROWS_A_CALL = 4096;

/**
 * Runs a small graph on onnxruntime over rows of values (row-major `[rows, width]`), a few thousand rows a call.
 *
 * `build` gets the name of a float32 `[batch, width]` value and returns that of a `[batch, outputWidth]` one, which is
 * collected: row-major `[rows, outputWidth]`. Rows must not depend on each other.
 */
export async function mapRows(
  values: Float32Array,
  width: number,
  outputWidth: number,
  build: (graph: GraphBuilder, rows: string) => string,
): Promise<Float32Array> {
  const graph = new GraphBuilder("rows");
  const output = build(graph, graph.input("values", "float32", ["batch", width]));
  graph.output(output, "float32", ["batch", outputWidth]);
  const model = encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata: new Map() });
  const session = await openNodeSession(model, "cpu");
  const results = new Float32Array((values.length / width) * outputWidth);
  let done = 0;
  try {
    for (let first = 0; first < values.length; first += ROWS_A_CALL * width) {
      const block = values.subarray(first, first + ROWS_A_CALL * width);
      const rows = new Tensor("float32", block, [block.length / width, width]);
      const data = (await session.run({ values: rows }))[output]?.data;
      if (!(data instanceof Float32Array)) throw new Error("the graph over rows gave no float32 output");
      results.set(data, done);
      done += data.length;
    }
  } finally {
    await session.release();
  }
  return results;
}
