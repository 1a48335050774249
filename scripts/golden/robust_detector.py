"""Makes fixtures/golden/robust-detector.json: the robust detector's score by NumPy, and scikit-learn's isolation forest.

Run from the repository's root; the versions are in the file:

    pip install numpy scikit-learn
    python3 scripts/golden/robust_detector.py > fixtures/golden/robust-detector.json

`score`: two linear networks over four columns (three numbers and a category of two values), the second one fitted on fewer rows.
Column errors are the sum over the networks of ln(1 + z^2) of their residuals, whitened by ZCA with a shrinkage of 0.03, over
the sum of its means on the training features; `limited` are the same with a quarter of what lies beyond the column's limit, the
error that one training flow in 200 exceeds.
`forest`: mean scores of ten forests of scikit-learn on two blobs with outliers around them.
"""

import json

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

random = np.random.default_rng(7)
NUMBERS, CODES, COLUMNS = 3, 3, 4
GROUP = np.array([0, 1, 2, 3, 3, 3])
WIDTH = NUMBERS + CODES


def draw(rows):
    numbers = random.normal(size=(rows, NUMBERS)) * [1, 5, 0.1] + [0, 10, 2]
    numbers[:, 1] += 3 * numbers[:, 0]
    return np.column_stack([numbers, random.choice(3, rows, p=[0.6, 0.35, 0.05])]).astype(np.float32)


def features(flows, means, scales):
    numbers = np.clip((flows[:, :NUMBERS] - means) / scales, -5, 5)
    return np.column_stack([numbers, flows[:, NUMBERS, None] == np.arange(CODES)])


def network():
    return [
        {"weights": random.normal(scale=0.5, size=(outputs, inputs)), "bias": random.normal(scale=0.1, size=outputs)}
        for inputs, outputs in ((WIDTH, 2), (2, WIDTH))
    ]


def residuals(layers, values):
    output = values
    for layer in layers:
        output = output @ layer["weights"].T + layer["bias"]
    return output - values


def column_sums(values):
    return np.stack([values[:, GROUP == k].sum(1) for k in range(COLUMNS)], 1)


def whitened(train, test):
    covariance = np.cov(train.T, bias=True)
    covariance += np.eye(WIDTH) * (0.03 * np.trace(covariance) / WIDTH + 1e-9)
    values, vectors = np.linalg.eigh(covariance)
    matrix = vectors / np.sqrt(values) @ vectors.T
    view = lambda r: column_sums(np.log1p(((r - train.mean(0)) @ matrix) ** 2)) * COLUMNS / WIDTH
    return view(test), view(train).mean(), view


train, test = draw(300), draw(20)
test[0, :NUMBERS] = [40, -100, 9]
means, scales = train[:, :NUMBERS].mean(0, dtype=float), train[:, :NUMBERS].std(0, dtype=float)
errors, networks, on_train = [], [], []
for rows in (train, train[:200]):
    layers = network()
    fitted, scored = (residuals(layers, features(flows, means, scales)) for flows in (rows, test))
    seen, typical, view = whitened(fitted, scored)
    errors.append((seen, typical))
    on_train.append(view(residuals(layers, features(train, means, scales))))
    networks.append(
        {
            "rows": len(rows),
            "layers": [{key: value.ravel().tolist() for key, value in layer.items()} for layer in layers],
        }
    )
all_typical = sum(typical for _, typical in errors)
column_errors = sum(seen for seen, _ in errors) / all_typical
limits = np.sort(sum(on_train) / all_typical, 0)[int(0.995 * (len(train) - 1))]
limited = 0.25 * column_errors + 0.75 * np.minimum(column_errors, limits)

blobs = np.concatenate(
    [
        random.normal(0, 1, (250, 4)),
        random.normal(6, 0.5, (120, 4)),
        random.uniform(-10, 16, (30, 4)),
    ]
).astype(np.float32)
forest = np.mean([-IsolationForest(random_state=seed).fit(blobs).score_samples(blobs) for seed in range(10)], 0)

print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
            "score": {
                "train": train.ravel().tolist(),
                "test": test.ravel().tolist(),
                "means": means.tolist(),
                "scales": scales.tolist(),
                "networks": networks,
                "columnErrors": column_errors.ravel().tolist(),
                "scores": column_errors.mean(1).tolist(),
                "limits": limits.tolist(),
                "limited": limited.ravel().tolist(),
                "limitedScores": limited.mean(1).tolist(),
            },
            "forest": {"width": 4, "values": blobs.ravel().tolist(), "scores": forest.round(6).tolist()},
        }
    )
)
