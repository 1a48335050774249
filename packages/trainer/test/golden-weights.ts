import type { NetworkWeights } from "@oddflow/trainer";

/** Weights as a golden file has them: numbers in lists. */
export type GoldenWeights = readonly {
  readonly kind: string;
  readonly weights: number[];
  readonly bias?: number[];
  readonly gamma?: number[];
  readonly beta?: number[];
  readonly runningMean?: number[];
  readonly runningVariance?: number[];
}[];

export function readGoldenWeights(golden: GoldenWeights): NetworkWeights {
  const floats = (values: number[] | undefined): Float32Array => Float32Array.from(values ?? []);
  return golden.map((layer) =>
    layer.kind === "linear"
      ? { kind: "linear", weights: floats(layer.weights), bias: floats(layer.bias) }
      : {
          kind: "normalised",
          weights: floats(layer.weights),
          gamma: floats(layer.gamma),
          beta: floats(layer.beta),
          runningMean: floats(layer.runningMean),
          runningVariance: floats(layer.runningVariance),
        },
  );
}

/** Every number of a network by part, such as "3 bias". */
export function weightParts(weights: NetworkWeights): Map<string, Float32Array> {
  const parts = new Map<string, Float32Array>();
  weights.forEach((layer, index) => {
    for (const [name, values] of Object.entries(layer)) {
      if (values instanceof Float32Array) parts.set(`${index} ${name}`, values);
    }
  });
  return parts;
}
