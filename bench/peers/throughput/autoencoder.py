"""The autoencoder that Oddflow trains by default, as one writes it in PyTorch."""

from torch import nn

HIDDEN = [256, 128, 64]
LATENT = 16
DROPOUT = [0.3, 0.2, 0.2]


def make_autoencoder(features):
    """features -> 256 -> 128 -> 64 -> 16 and back; hidden layers are dense, batch normalisation, ReLU, dropout."""
    layers = []
    inputs = features
    encoder = list(zip(HIDDEN, DROPOUT))
    for units, rate in encoder:
        layers += hidden_layer(inputs, units, rate)
        inputs = units
    layers.append(nn.Linear(inputs, LATENT))
    inputs = LATENT
    for units, rate in reversed(encoder):
        layers += hidden_layer(inputs, units, rate)
        inputs = units
    layers.append(nn.Linear(inputs, features))
    return nn.Sequential(*layers)


def hidden_layer(inputs, units, rate):
    return [nn.Linear(inputs, units), nn.BatchNorm1d(units), nn.ReLU(), nn.Dropout(rate)]
