/**
 * A loaded tfjs: what `import * as tf from "@tensorflow/tfjs"` gives, or tfjs-node. tfjs is an optional dependency, so
 * nothing here may need its types.
 */
export interface TfjsModule {
  readonly version: Readonly<Record<string, string>>;
  getBackend(): string;
  setBackend(name: string): Promise<boolean>;
  backend(): object;
}

/** The operations of tfjs that the engine uses. */
export interface Tfjs extends TfjsModule {
  tensor1d(values: Float32Array | number[], dtype?: "float32" | "int32"): TfTensor;
  tensor2d(values: Float32Array, shape: [number, number]): TfTensor;
  scalar(value: number, dtype?: "float32" | "int32"): TfTensor;
  /** Runs `compute` and disposes of every tensor that it made and did not `keep`. */
  tidy(compute: () => void): void;
  keep(tensor: TfTensor): TfTensor;

  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  add(a: TfTensor, b: TfTensor | number): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor | number): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  square(x: TfTensor): TfTensor;
  sqrt(x: TfTensor): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  /** 1 above zero, 0 elsewhere. */
  step(x: TfTensor): TfTensor;
  sum(x: TfTensor, axis?: number): TfTensor;
  mean(x: TfTensor, axis: number): TfTensor;
  reshape(x: TfTensor, shape: number[]): TfTensor;
  slice(x: TfTensor, begin: number[], size: number[]): TfTensor;
  split(x: TfTensor, sizes: number[]): TfTensor[];
  concat(tensors: TfTensor[]): TfTensor;
  stack(tensors: TfTensor[]): TfTensor;
}

/** A tensor of tfjs, whose numbers lie with its backend until it is disposed of. */
export interface TfTensor {
  readonly shape: number[];
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}
