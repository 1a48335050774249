"""Peer (a): training steps of the same autoencoder in PyTorch, eager or compiled.

    python train_autoencoder.py THREADS eager|compiled

A step is what Oddflow's engines do: forward with dropout and batch statistics, mean squared error, backward, Adam with
weight decay. Features are in memory as a tensor, batches are gathered from it by shuffled row numbers.
"""

import sys

from case_process import missing_package, say, serve

FEATURES = 33
BATCHES = {"eager": [256, 4096], "compiled": [256]}
FLOWS = 16_384


def main():
    missing = missing_package(["numpy", "torch"])
    if missing is not None:
        say({"skipped": missing})
        return
    import torch

    way = sys.argv[2]
    is_compiled = way == "compiled"
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    features = torch.randn(FLOWS, FEATURES)
    try:
        cases = {f"PyTorch, batch {batch:,}": (FLOWS, steps(features, batch, is_compiled)) for batch in BATCHES[way]}
    except Exception as error:
        # It needs a C++ compiler.
        if not is_compiled:
            raise
        say({"skipped": f"torch.compile failed ({str(error).splitlines()[0]})"})
        return
    serve(cases, {"torch": torch.__version__})


def steps(features, batch, is_compiled):
    """A function that takes a pass over the features, a batch a step, and checks that the loss falls."""
    import torch
    from torch import nn

    from autoencoder import make_autoencoder

    network = make_autoencoder(FEATURES).train()
    # One kernel call for all parameters: the fastest of Adam's ways that eager PyTorch has on the CPU.
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)
    mean_squared_error = nn.MSELoss()

    def loss_of(x):
        return mean_squared_error(network(x), x)

    if is_compiled:
        loss_of = torch.compile(loss_of)

    def train():
        losses = []
        order = torch.randperm(len(features))
        for first in range(0, len(features), batch):
            x = features[order[first : first + batch]]
            optimiser.zero_grad(set_to_none=True)
            loss = loss_of(x)
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    first, last = train()[0], train()[-1]
    if not last < first:
        raise RuntimeError(f"the loss went from {first} to {last}")
    return train


main()
