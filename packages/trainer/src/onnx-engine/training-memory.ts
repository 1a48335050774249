import {
  type ExecutionProvider,
  type InferenceSession,
  openNodeSession,
  Tensor,
} from "@oddflow/inference/node";
import { encodeModel, GraphBuilder } from "@oddflow/onnx";

/** Where the state of a training and its dropout masks lie between two runs of the training graph. */
export interface TrainingMemory {
  /** Whether it is a device's own: outputs stay there, and a tensor is there until it is freed. */
  readonly onDevice: boolean;
  /** A matrix, row-major, in this memory. Where that is the host's, it is the given values themselves. */
  putMatrix(values: Float32Array, shape: readonly [number, number]): Promise<Tensor>;
  /** The values of a vector; those of the tensor itself where it is the host's. */
  readVector(tensor: Tensor): Promise<Float32Array>;
  free(tensor: Tensor): void;
  close(): Promise<void>;
}

/**
 * WebGPU's tensors can stay on the device, so a step's state need not travel; those of the CPU are the host's, and
 * onnxruntime-node gives CUDA's outputs to the host.
 */
export async function openTrainingMemory(provider: ExecutionProvider): Promise<TrainingMemory> {
  return provider === "webgpu" ? openDeviceMemory(provider) : HOST_MEMORY;
}

const HOST_MEMORY: TrainingMemory = {
  onDevice: false,
  putMatrix: async (values, shape) => new Tensor("float32", values, shape),
  readVector: async (tensor) => floats(tensor),
  free: () => undefined,
  close: async () => undefined,
};

/**
 * onnxruntime-node can neither make a tensor on the device nor read one (1.30.0 ends the process on `getData`), but
 * sessions of one device share its memory, so a graph that passes its input on does both.
 */
async function openDeviceMemory(provider: ExecutionProvider): Promise<TrainingMemory> {
  const up = await openNodeSession(passOn(["rows", "columns"]), provider, undefined, {
    outputsOnDevice: ["y"],
  });
  const down = await openNodeSession(passOn(["values"]), provider).catch(async (error: unknown) => {
    await up.release();
    throw error;
  });
  const pass = async (session: InferenceSession, x: Tensor): Promise<Tensor> =>
    outputTensor(await session.run({ x }), "y");
  return {
    onDevice: true,
    putMatrix: (values, shape) => pass(up, new Tensor("float32", values, shape)),
    readVector: async (tensor) => floats(tensor.location === "cpu" ? tensor : await pass(down, tensor)),
    free: (tensor) => tensor.dispose(),
    async close() {
      try {
        await up.release();
      } finally {
        await down.release();
      }
    },
  };
}

function passOn(shape: readonly string[]): Uint8Array {
  const graph = new GraphBuilder("pass");
  graph.node("Identity", [graph.input("x", "float32", shape)], {}, "y");
  graph.output("y", "float32", shape);
  return encodeModel({ graph: graph.build(), opset: 17, producer: "oddflow", metadata: new Map() });
}

export function outputTensor(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const value = outputs[name];
  if (!(value instanceof Tensor)) throw new Error(`the training graph gave no output ${name}`);
  return value;
}

/** The values of a tensor of the host's. */
export function floats(value: Tensor): Float32Array {
  if (!(value.data instanceof Float32Array))
    throw new Error(`expected float32, the training graph gave ${value.type}`);
  return value.data;
}
