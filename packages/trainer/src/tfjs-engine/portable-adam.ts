import type { OptimiserOptions } from "../engine.ts";
import type { ParameterLayout } from "../parameter-layout.ts";
import type { AdamParameters, AdamScale } from "./step-operations.ts";
import type { Tfjs, TfTensor } from "./tfjs-namespace.ts";

/**
 * Adam on tfjs's public operations: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), with the decay
 * added to the gradient. Parameters and moments are one long vector each, so the number of operations does not grow
 * with the layers.
 */
export class PortableAdam implements AdamParameters {
  readonly #tf: Tfjs;
  readonly #layout: ParameterLayout;
  readonly #optimiser: OptimiserOptions;
  #parameters: TfTensor;
  #moment1: TfTensor;
  #moment2: TfTensor;

  constructor(tf: Tfjs, layout: ParameterLayout, optimiser: OptimiserOptions, parameters: Float32Array) {
    this.#tf = tf;
    this.#layout = layout;
    this.#optimiser = optimiser;
    this.#parameters = tf.tensor1d(parameters);
    this.#moment1 = tf.tensor1d(new Float32Array(parameters.length));
    this.#moment2 = tf.tensor1d(new Float32Array(parameters.length));
  }

  read(): ReadonlyMap<string, TfTensor> {
    const tf = this.#tf;
    const { tensors } = this.#layout;
    const flat = tf.split(
      this.#parameters,
      tensors.map(({ size }) => size),
    );
    return new Map(
      tensors.map(({ layer, role, shape }, i) => {
        const tensor = flat[i] as TfTensor;
        return [`${role}_${layer}`, role === "weights" ? tf.reshape(tensor, [...shape]) : tensor];
      }),
    );
  }

  update(gradients: ReadonlyMap<string, TfTensor>, { learningRate, step }: AdamScale): void {
    const tf = this.#tf;
    const { beta1, beta2, epsilon, weightDecay } = this.#optimiser;
    const tensors = this.#layout.tensors.map(
      ({ layer, role }) => gradients.get(`${role}_${layer}`) as TfTensor,
    );
    const gradient = tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
    const decayed = tf.add(gradient, tf.mul(this.#parameters, weightDecay));
    const moment1 = tf.add(tf.mul(this.#moment1, beta1), tf.mul(decayed, 1 - beta1));
    const moment2 = tf.add(tf.mul(this.#moment2, beta2), tf.mul(tf.square(decayed), 1 - beta2));
    const root = tf.mul(tf.sqrt(moment2), 1 / Math.sqrt(1 - beta2 ** step));
    const change = tf.mul(tf.div(moment1, tf.add(root, epsilon)), learningRate / (1 - beta1 ** step));
    const parameters = tf.sub(this.#parameters, change);
    this.close();
    this.#parameters = tf.keep(parameters);
    this.#moment1 = tf.keep(moment1);
    this.#moment2 = tf.keep(moment2);
  }

  async values(): Promise<Float32Array> {
    return Float32Array.from(await this.#parameters.data());
  }

  close(): void {
    for (const vector of [this.#parameters, this.#moment1, this.#moment2]) vector.dispose();
  }
}
