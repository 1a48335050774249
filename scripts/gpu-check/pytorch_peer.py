"""The same work in eager PyTorch on the first CUDA GPU: training steps, and scoring with three networks.

    python pytorch_peer.py FEATURES

Prints one line of JSON: {"skipped": reason}, or torch, device, and flows a second by batch. Times include the way of the
flows to the GPU and of the scores back, as Oddflow's do. float32 without TF32, as Oddflow's.
"""

import json
import sys
import time
from pathlib import Path

SCORED = [1, 256, 4096, 65_536, 262_144, 1_048_576]
TRAINED = [256, 4096, 65_536]
NETWORKS = 3
SECONDS = 1.0


def main():
    try:
        import torch
    except ImportError:
        return {"skipped": f"{sys.executable} has no torch"}
    if not torch.cuda.is_available():
        return {"skipped": f"torch {torch.__version__} finds no CUDA GPU"}
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "peers" / "throughput"))
    from autoencoder import make_autoencoder

    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    features = int(sys.argv[1])
    device = torch.device("cuda")

    def scoring(batch):
        networks = [make_autoencoder(features).to(device).eval() for _ in range(NETWORKS)]
        flows = torch.randn(batch, features)

        def run():
            with torch.inference_mode():
                x = flows.to(device)
                errors = [torch.log1p((network(x) - x) ** 2).mean(1) for network in networks]
                torch.stack(errors).mean(0).cpu()
            return batch

        return run

    def training(batch):
        network = make_autoencoder(features).to(device).train()
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5, fused=True)
        loss_of = torch.nn.MSELoss()
        rows = torch.randn(batch, features)

        def run():
            losses = []
            for _ in range(4):
                x = rows[torch.randperm(batch)].to(device)
                optimiser.zero_grad(set_to_none=True)
                loss = loss_of(network(x), x)
                loss.backward()
                optimiser.step()
                losses.append(loss.detach())
            torch.stack(losses).cpu()
            return 4 * batch

        return run

    def rates(batches, prepare):
        return [{"batch": batch, "flowsPerSecond": rate(prepare(batch))} for batch in batches]

    def rate(run):
        for _ in range(3):
            run()
        torch.cuda.synchronize()
        found = []
        began = time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            start = time.perf_counter()
            flows = run()
            found.append(flows / (time.perf_counter() - start))
        return sorted(found)[len(found) // 2]

    return {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(0),
        "scoring": rates(SCORED, scoring),
        "training": rates(TRAINED, training),
    }


print(json.dumps(main()))
