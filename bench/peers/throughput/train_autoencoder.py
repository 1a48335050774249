"""Peer (a): training steps of the same autoencoder in PyTorch, eager.

    python train_autoencoder.py THREADS

A step is what Oddflow's engines do: forward with dropout and batch statistics, mean squared error, backward, Adam with
weight decay. Features are in memory as a tensor, batches are gathered from it by shuffled row numbers.
"""

import sys

from case_process import missing_package, say, serve

FEATURES = 33
BATCHES = [256, 4096]
FLOWS = 16_384


def main():
    missing = missing_package(["numpy", "torch"])
    if missing is not None:
        say({"skipped": missing})
        return
    import torch

    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    features = torch.randn(FLOWS, FEATURES)
    cases = {f"PyTorch, batch {batch:,}": (FLOWS, steps(features, batch)) for batch in BATCHES}
    serve(cases, {"torch": torch.__version__})


def steps(features, batch):
    """A function that takes a pass over the features, a batch a step, and checks that the loss falls."""
    import torch
    from torch import nn

    from autoencoder import make_autoencoder

    network = make_autoencoder(FEATURES).train()
    # One kernel call for all parameters: the fastest of Adam's ways that eager PyTorch has on the CPU.
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)
    loss_of = nn.MSELoss()

    def train():
        losses = []
        order = torch.randperm(len(features))
        for first in range(0, len(features), batch):
            x = features[order[first : first + batch]]
            optimiser.zero_grad(set_to_none=True)
            loss = loss_of(network(x), x)
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    first, last = train()[0], train()[-1]
    if not last < first:
        raise RuntimeError(f"the loss went from {first} to {last}")
    return train


main()
