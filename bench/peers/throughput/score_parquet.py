"""Peer (b): score-batch's job with pandas, scikit-learn and PyTorch.

    python score_parquet.py fit COLUMNS.json FLOWS.parquet FITTED.pickle
    python score_parquet.py score FITTED.pickle FLOWS.parquet SCORED.parquet

`fit` prints {"versions": ...}, or {"skipped": why}. COLUMNS.json: {"keys", "numbers", "categories"}, lists of column names.
`score` writes the keys, score and is_anomaly of every row, in its order.
"""

import json
import pickle
import sys
from importlib import metadata

from case_process import missing_package, say
from usage import report_usage

EPOCHS = 3
TRAINING_BATCH = 256
# Within a tenth of the fastest of 1,024 to 65,536; larger ones leave the cache.
SCORING_BATCH = 4096
ALERTS = 0.01


def fit(columns_path, flows_path, fitted_path):
    missing = missing_package(["numpy", "pandas", "pyarrow", "sklearn", "torch"])
    if missing is not None:
        say({"skipped": missing})
        return
    import pandas
    import torch
    from torch import nn

    from autoencoder import make_autoencoder

    with open(columns_path) as file:
        columns = json.load(file)
    torch.manual_seed(1)
    frame = pandas.read_parquet(flows_path, columns=columns["numbers"] + columns["categories"])
    preprocessing = make_preprocessing(columns)
    features = torch.from_numpy(preprocessing.fit_transform(frame))
    network = make_autoencoder(features.shape[1]).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(features)).split(TRAINING_BATCH):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(network(features[rows]), features[rows])
            loss.backward()
            optimiser.step()
    threshold = float(torch.quantile(scores_of(network.eval(), features), 1 - ALERTS))
    with open(fitted_path, "wb") as file:
        fitted = {"columns": columns, "preprocessing": preprocessing, "threshold": threshold}
        pickle.dump({**fitted, "features": features.shape[1], "weights": network.state_dict()}, file)
    packages = ["pandas", "pyarrow", "scikit-learn", "torch"]
    say({"versions": {name: metadata.version(name) for name in packages}})


def make_preprocessing(columns):
    """What Oddflow does: medians, signed logarithms and standardisation for numbers, one-hot codes for categories."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    numbers = make_pipeline(
        FunctionTransformer(to_float32),
        SimpleImputer(strategy="median"),
        FunctionTransformer(signed_logarithm),
        StandardScaler(),
    )
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype="float32")
    return ColumnTransformer([("numbers", numbers, columns["numbers"]), ("categories", one_hot, columns["categories"])])


def to_float32(frame):
    return frame.to_numpy(dtype="float32", na_value=float("nan"))


def signed_logarithm(values):
    import numpy

    return numpy.copysign(numpy.log1p(numpy.abs(values)), values)


def scores_of(network, features):
    """The mean squared error of each row."""
    import torch

    with torch.inference_mode():
        return torch.cat([((network(x) - x) ** 2).mean(dim=1) for x in features.split(SCORING_BATCH)])


def score(fitted_path, flows_path, scored_path):
    import numpy
    import pandas
    import torch

    from autoencoder import make_autoencoder

    with open(fitted_path, "rb") as file:
        fitted = pickle.load(file)
    columns = fitted["columns"]
    network = make_autoencoder(fitted["features"])
    network.load_state_dict(fitted["weights"])
    frame = pandas.read_parquet(flows_path, columns=columns["keys"] + columns["numbers"] + columns["categories"])
    features = torch.from_numpy(fitted["preprocessing"].transform(frame))
    scores = scores_of(network.eval(), features).numpy()
    if not (numpy.isfinite(scores).all() and scores.std() > 0):
        raise RuntimeError("the scores are not scores")
    scored = frame[columns["keys"]].assign(score=scores, is_anomaly=scores >= fitted["threshold"])
    scored.to_parquet(scored_path, index=False)
    report_usage()


if __name__ == "__main__":
    {"fit": fit, "score": score}[sys.argv[1]](*sys.argv[2:])
