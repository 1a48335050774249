"""Makes fixtures/golden/training-step.json: three training steps of a small autoencoder in PyTorch.

Run from the repository's root with Debian's python3-torch (PyTorch 1.13.1 made the committed file):

    python3 scripts/golden/training_step.py > fixtures/golden/training-step.json

The network is Oddflow's in small: dense, batch normalisation, ReLU; linear latent and output; mean squared error;
Adam with weight decay. No dropout, since random masks cannot be shared between frameworks. The dense layers before a
normalisation have no bias, because the normalisation takes it away again.
PyTorch works in float64 here, so that the golden numbers carry no rounding of their own.
"""

import json

import torch
from torch import nn

FEATURES, HIDDEN, LATENT, BATCH, STEPS = 7, [12, 9, 6], 3, 16, 3
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-2

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def build():
    sizes = [(FEATURES, HIDDEN[0], True), (HIDDEN[0], HIDDEN[1], True), (HIDDEN[1], HIDDEN[2], True)]
    sizes += [(HIDDEN[2], LATENT, False), (LATENT, HIDDEN[2], True), (HIDDEN[2], HIDDEN[1], True)]
    sizes += [(HIDDEN[1], HIDDEN[0], True), (HIDDEN[0], FEATURES, False)]
    layers = []
    for inputs, outputs, normalised in sizes:
        dense = nn.Linear(inputs, outputs, bias=not normalised)
        layers.append(nn.Sequential(dense, nn.BatchNorm1d(outputs), nn.ReLU()) if normalised else dense)
    return nn.Sequential(*layers)


def weights(model):
    result = []
    for layer in model:
        if isinstance(layer, nn.Linear):
            result.append({"kind": "linear", "weights": numbers(layer.weight), "bias": numbers(layer.bias)})
        else:
            norm = layer[1]
            result.append(
                {
                    "kind": "normalised",
                    "weights": numbers(layer[0].weight),
                    "gamma": numbers(norm.weight),
                    "beta": numbers(norm.bias),
                    "runningMean": numbers(norm.running_mean),
                    "runningVariance": numbers(norm.running_var),
                }
            )
    return result


# Starts from float32 values, which is what the engine under test starts from.
model = build()
with torch.no_grad():
    for layer in model:
        if not isinstance(layer, nn.Linear):
            layer[1].weight.uniform_(0.5, 1.5)
            layer[1].bias.uniform_(-0.5, 0.5)
    for parameter in model.parameters():
        parameter.copy_(parameter.float().double())
features = torch.randn(STEPS * BATCH, FEATURES).float().double()
start = weights(model)

optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
model.train()
losses, after = [], []
for step in range(STEPS):
    batch = features[step * BATCH : (step + 1) * BATCH]
    optimiser.zero_grad()
    loss = nn.functional.mse_loss(model(batch), batch)
    loss.backward()
    optimiser.step()
    losses.append(float(loss))
    after.append(weights(model))

model.eval()
with torch.no_grad():
    reconstruction_error = ((model(features) - features) ** 2).mean(dim=1)

print(
    json.dumps(
        {
            "pytorch": torch.__version__,
            "network": {"hidden": HIDDEN, "latent": LATENT, "dropout": [0, 0, 0]},
            "features": FEATURES,
            "batch": BATCH,
            "learningRate": LEARNING_RATE,
            "weightDecay": WEIGHT_DECAY,
            "rows": numbers(features),
            "start": start,
            "losses": losses,
            "after": after,
            "reconstructionError": numbers(reconstruction_error),
        }
    )
)
