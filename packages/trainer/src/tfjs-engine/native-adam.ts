import type { OptimiserOptions } from "../engine.ts";
import type { ParameterLayout } from "../parameter-layout.ts";
import type { KernelAttribute, NativeKernels } from "./native-kernels.ts";
import type { AdamParameters, AdamScale } from "./step-operations.ts";
import type { TfTensor } from "./tfjs-namespace.ts";

/** libtensorflow knows a variable by its name, so each gets a name of its own. */
let variablesMade = 0;

/** Adam by libtensorflow's kernel, which changes parameters and moments in place: one long variable each. */
export class NativeAdam implements AdamParameters {
  readonly #kernels: NativeKernels;
  readonly #layout: ParameterLayout;
  readonly #optimiser: OptimiserOptions;
  readonly #attributes: Readonly<
    Record<"float" | "variable" | "split" | "concat" | "adam", KernelAttribute[]>
  >;
  readonly #parameters: TfTensor;
  readonly #moments: readonly [TfTensor, TfTensor];
  readonly #constants: Readonly<Record<"axis" | "sizes" | "decay" | "zero" | "beta1" | "beta2", TfTensor>>;

  constructor(
    kernels: NativeKernels,
    layout: ParameterLayout,
    optimiser: OptimiserOptions,
    parameters: Float32Array,
  ) {
    const { tf } = kernels;
    const float = kernels.type("T", "TF_FLOAT");
    const tensors = layout.tensors.length;
    this.#kernels = kernels;
    this.#layout = layout;
    this.#optimiser = optimiser;
    this.#attributes = {
      float: [float],
      variable: [kernels.type("dtype", "TF_FLOAT")],
      split: [
        kernels.attribute("TF_ATTR_INT", "num_split", tensors),
        float,
        kernels.type("Tlen", "TF_INT32"),
      ],
      concat: [kernels.attribute("TF_ATTR_INT", "N", tensors), float, kernels.type("Tidx", "TF_INT32")],
      adam: [
        float,
        kernels.attribute("TF_ATTR_BOOL", "use_locking", false),
        kernels.attribute("TF_ATTR_BOOL", "use_nesterov", false),
      ],
    };
    this.#constants = {
      axis: tf.scalar(0, "int32"),
      sizes: tf.tensor1d(
        layout.tensors.map(({ size }) => size),
        "int32",
      ),
      decay: tf.scalar(optimiser.weightDecay),
      zero: tf.scalar(0),
      beta1: tf.scalar(optimiser.beta1),
      beta2: tf.scalar(optimiser.beta2),
    };
    this.#parameters = this.#variable(parameters);
    this.#moments = [
      this.#variable(new Float32Array(parameters.length)),
      this.#variable(new Float32Array(parameters.length)),
    ];
  }

  read(): ReadonlyMap<string, TfTensor> {
    const kernels = this.#kernels;
    const { tensors } = this.#layout;
    const { sizes, axis } = this.#constants;
    const flat = kernels.many(
      "SplitV",
      this.#attributes.split,
      [this.#value(this.#parameters), sizes, axis],
      tensors.length,
    );
    return new Map(
      tensors.map(({ layer, role, shape }, i) => {
        const tensor = flat[i] as TfTensor;
        return [`${role}_${layer}`, role === "weights" ? kernels.reshape(tensor, shape) : tensor];
      }),
    );
  }

  /**
   * The kernel adds epsilon before the second moment is corrected for its start, and it corrects by factors of its own.
   * With those set to 0 and the true ones put into the rate and epsilon it computes PyTorch's formula.
   */
  update(gradients: ReadonlyMap<string, TfTensor>, { learningRate, step }: AdamScale): void {
    const kernels = this.#kernels;
    const { float, concat, adam } = this.#attributes;
    const { axis, decay, zero, beta1, beta2 } = this.#constants;
    const tensors = this.#layout.tensors.map(({ layer, role }) => {
      const gradient = gradients.get(`${role}_${layer}`) as TfTensor;
      return role === "weights" ? kernels.reshape(gradient, [-1]) : gradient;
    });
    const gradient = kernels.single("ConcatV2", concat, ...tensors, axis);
    const decayed = kernels.single(
      "AddV2",
      float,
      gradient,
      kernels.single("Mul", float, this.#value(this.#parameters), decay),
    );
    // The kernel's betas are float32, and 1 - 0.999 is off by 1e-5 there.
    const correction1 = 1 - Math.fround(this.#optimiser.beta1) ** step;
    const rootCorrection2 = Math.sqrt(1 - Math.fround(this.#optimiser.beta2) ** step);
    const rate = kernels.tf.scalar((learningRate * rootCorrection2) / correction1);
    const epsilon = kernels.tf.scalar(this.#optimiser.epsilon * rootCorrection2);
    const inputs = [this.#parameters, ...this.#moments, zero, zero, rate, beta1, beta2, epsilon, decayed];
    kernels.many("ResourceApplyAdam", adam, inputs, 0);
  }

  async values(): Promise<Float32Array> {
    const value = this.#value(this.#parameters);
    try {
      return Float32Array.from(await value.data());
    } finally {
      value.dispose();
    }
  }

  close(): void {
    const ignore = this.#kernels.attribute("TF_ATTR_BOOL", "ignore_lookup_error", true);
    for (const variable of [this.#parameters, ...this.#moments]) {
      this.#kernels.many("DestroyResourceOp", [ignore], [variable], 0);
      variable.dispose();
    }
    for (const constant of Object.values(this.#constants)) constant.dispose();
  }

  #variable(values: Float32Array): TfTensor {
    const kernels = this.#kernels;
    const handle = kernels.single("VarHandleOp", [
      ...this.#attributes.variable,
      kernels.attribute("TF_ATTR_SHAPE", "shape", [values.length]),
      kernels.attribute("TF_ATTR_STRING", "container", ""),
      kernels.attribute("TF_ATTR_STRING", "shared_name", `oddflow_${++variablesMade}`),
    ]);
    const start = kernels.tf.tensor1d(values);
    kernels.many("AssignVariableOp", this.#attributes.variable, [handle, start], 0);
    start.dispose();
    return handle;
  }

  #value(variable: TfTensor): TfTensor {
    return this.#kernels.single("ReadVariableOp", this.#attributes.variable, variable);
  }
}
