"""Peer (e): training steps of the same autoencoder in JAX, one jitted function a step.

    python train_jax.py THREADS

A step is what Oddflow's engines do: forward with dropout and batch statistics, mean squared error, backward, Adam with
weight decay. Its arrays are given up to it (`donate_argnums`), so that nothing is copied.
"""

import os
import sys

from case_process import missing_package, say, serve

FEATURES = 33
BATCHES = [256, 4096]
FLOWS = 16_384
HIDDEN = [256, 128, 64]
LATENT = 16
DROPOUT = [0.3, 0.2, 0.2]
RATE, BETA1, BETA2, EPSILON, DECAY = 1e-3, 0.9, 0.999, 1e-8, 1e-5


def main():
    missing = missing_package(["numpy", "jax"])
    if missing is not None:
        say({"skipped": missing})
        return
    if sys.argv[1] == "1":
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    import jax

    features = jax.random.normal(jax.random.key(0), (FLOWS, FEATURES))
    cases = {f"JAX, batch {batch:,}": (FLOWS, steps(jax, features, batch)) for batch in BATCHES}
    serve(cases, {"jax": jax.__version__})


def steps(jax, features, batch):
    """A function that takes a pass over the features, a batch a step, and checks that the loss falls."""
    from jax import numpy

    def layers():
        encoder = list(zip(HIDDEN, DROPOUT))
        hidden = [(*each, True) for each in encoder]
        return [*hidden, (LATENT, 0, False), *reversed(hidden), (FEATURES, 0, False)]

    def first_parameters(key):
        parameters, inputs = [], FEATURES
        for outputs, _, is_normalised in layers():
            key, own, other = jax.random.split(key, 3)
            bound = inputs**-0.5
            layer = {"weights": jax.random.uniform(own, (inputs, outputs), minval=-bound, maxval=bound)}
            layer["bias"] = jax.random.uniform(other, (outputs,), minval=-bound, maxval=bound)
            if is_normalised:
                layer |= {"gamma": numpy.ones(outputs), "beta": numpy.zeros(outputs)}
            parameters.append(layer)
            inputs = outputs
        return parameters

    def loss_of(parameters, x, key):
        value, statistics = x, []
        for layer, (_, rate, is_normalised) in zip(parameters, layers()):
            value = value @ layer["weights"] + layer["bias"]
            if not is_normalised:
                continue
            mean, variance = value.mean(axis=0), value.var(axis=0)
            statistics.append((mean, variance))
            value = (value - mean) * jax.lax.rsqrt(variance + 1e-5) * layer["gamma"] + layer["beta"]
            key, own = jax.random.split(key)
            kept = jax.random.bernoulli(own, 1 - rate, value.shape)
            value = numpy.where(kept, jax.nn.relu(value) / (1 - rate), 0)
        return ((value - x) ** 2).mean(), statistics

    def step(state, features, rows, key):
        x = features[rows]
        parameters, first, second, running, count = state
        (loss, statistics), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters, x, key)
        count = count + 1
        map_all = jax.tree_util.tree_map
        gradients = map_all(lambda gradient, parameter: gradient + DECAY * parameter, gradients, parameters)
        first = map_all(lambda moment, gradient: BETA1 * moment + (1 - BETA1) * gradient, first, gradients)
        second = map_all(lambda moment, gradient: BETA2 * moment + (1 - BETA2) * gradient**2, second, gradients)

        def moved(parameter, m, v):
            return parameter - RATE * (m / (1 - BETA1**count)) / (numpy.sqrt(v / (1 - BETA2**count)) + EPSILON)

        parameters = map_all(moved, parameters, first, second)
        running = map_all(lambda old, fresh: 0.9 * old + 0.1 * fresh, running, statistics)
        return (parameters, first, second, running, count), loss

    jitted = jax.jit(step, donate_argnums=0)
    # "rbg" is the fastest of JAX's generators on the CPU.
    parameters = first_parameters(jax.random.key(1, impl="rbg"))
    zeros = jax.tree_util.tree_map(numpy.zeros_like, parameters)
    running = [(numpy.zeros(units), numpy.ones(units)) for units, _, is_normalised in layers() if is_normalised]
    held = {"state": (parameters, zeros, jax.tree_util.tree_map(numpy.zeros_like, parameters), running, 0.0)}
    held["key"] = jax.random.key(2, impl="rbg")

    def train():
        losses = []
        held["key"], own = jax.random.split(held["key"])
        order = jax.random.permutation(own, len(features)).reshape(-1, batch)
        keys = jax.random.split(own, len(order))
        for i in range(len(order)):
            held["state"], loss = jitted(held["state"], features, order[i], keys[i])
            losses.append(loss)
        return jax.block_until_ready(losses)

    first, last = train()[0], train()[-1]
    if not last < first:
        raise RuntimeError(f"the loss went from {first} to {last}")
    return train


main()
