import type { Tfjs, TfTensor } from "./tfjs-namespace.ts";

/** The part of tfjs-node's backend through which its own operations call libtensorflow. */
export interface NativeBackend {
  readonly binding: Readonly<Record<AttributeKind | NumberType, number>> & {
    /** The version of libtensorflow. */
    readonly TF_Version: string;
  };
  /** Whether it is that of tfjs-node-gpu. */
  readonly isGPUPackage: boolean;
  /** Whether libtensorflow found a GPU. */
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(operation: string, attributes: KernelAttribute[], inputs: TfTensor[]): TfTensor;
  executeMultipleOutputs(
    operation: string,
    attributes: KernelAttribute[],
    inputs: TfTensor[],
    outputs: number,
  ): TfTensor[];
}

type NumberType = "TF_FLOAT" | "TF_INT32";
type AttributeKind = `TF_ATTR_${"BOOL" | "FLOAT" | "INT" | "SHAPE" | "STRING" | "TYPE"}`;

/** An attribute of an operation of libtensorflow, which names them in its op registry. */
export interface KernelAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** Whether a backend of tfjs is tfjs-node's. */
export function isNativeBackend(backend: object): backend is NativeBackend {
  return "executeMultipleOutputs" in backend && "isUsingGpuDevice" in backend;
}

/** Calls kernels of libtensorflow. What comes out belongs to the tidy that the call is made in. */
export class NativeKernels {
  readonly tf: Tfjs;
  readonly #backend: NativeBackend;
  readonly #reshapeAttributes: KernelAttribute[];
  readonly #shapes: Map<string, TfTensor> = new Map();

  constructor(tf: Tfjs, backend: NativeBackend) {
    this.tf = tf;
    this.#backend = backend;
    this.#reshapeAttributes = [this.type("T", "TF_FLOAT"), this.type("Tshape", "TF_INT32")];
  }

  single(operation: string, attributes: KernelAttribute[], ...inputs: TfTensor[]): TfTensor {
    return this.#backend.executeSingleOutput(operation, attributes, inputs);
  }

  many(operation: string, attributes: KernelAttribute[], inputs: TfTensor[], outputs: number): TfTensor[] {
    return this.#backend.executeMultipleOutputs(operation, attributes, inputs, outputs);
  }

  /** Shapes are tensors to libtensorflow; each is made once. */
  reshape(x: TfTensor, shape: readonly number[]): TfTensor {
    const key = shape.join();
    let tensor = this.#shapes.get(key);
    if (!tensor) {
      tensor = this.tf.keep(this.tf.tensor1d([...shape], "int32"));
      this.#shapes.set(key, tensor);
    }
    return this.single("Reshape", this.#reshapeAttributes, x, tensor);
  }

  type(name: string, type: NumberType): KernelAttribute {
    return this.attribute("TF_ATTR_TYPE", name, this.#backend.binding[type]);
  }

  attribute(kind: AttributeKind, name: string, value: KernelAttribute["value"]): KernelAttribute {
    return { name, type: this.#backend.binding[kind], value };
  }

  close(): void {
    for (const tensor of this.#shapes.values()) tensor.dispose();
    this.#shapes.clear();
  }
}
