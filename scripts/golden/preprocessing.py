"""Makes fixtures/golden/preprocessing.json: imputation, transforms, scaling and one-hot coding by scikit-learn.

Run from the repository's root; scikit-learn's version is in the file:

    pip install scikit-learn
    python3 scripts/golden/preprocessing.py > fixtures/golden/preprocessing.json

Half of the rows are fitted on, all are transformed. null stands for a missing value. Column "constant" has one value,
column "empty" none among the fitted rows.
"""

import json

import numpy as np
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS, FITTED = 40, 20
random = np.random.default_rng(7)
numbers = {
    "bytes": np.round(np.exp(random.normal(6, 3, ROWS))),
    "signed": random.normal(0, 40, ROWS),
    "constant": np.full(ROWS, 0.1),
    "large": random.integers(1_000_000_000, 4_294_967_295, ROWS).astype(float),
}
numbers = {name: values.astype(np.float32).astype(float) for name, values in numbers.items()}
for name in ("bytes", "signed"):
    numbers[name][random.choice(ROWS, 7, replace=False)] = np.nan
numbers["empty"] = np.full(ROWS, np.nan)
numbers["empty"][FITTED:] = 3
codes = random.integers(0, 5, ROWS).astype(float)
codes[:FITTED][codes[:FITTED] == 4] = 1


def fitted(values, transform):
    """sklearn's imputer drops a column without values, so that one is filled with 0 here, as Oddflow does."""
    column = values.reshape(-1, 1)
    imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(column[:FITTED])
    filled = imputer.transform(column)
    if transform == "signed-log1p":
        filled = np.sign(filled) * np.log1p(np.abs(filled))
    scaler = StandardScaler().fit(filled[:FITTED])
    return {
        "median": float(imputer.statistics_[0]),
        "mean": float(scaler.mean_[0]),
        "scale": float(scaler.scale_[0]),
        "features": scaler.transform(filled)[:, 0].tolist(),
    }


encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(codes[:FITTED].reshape(-1, 1))
scaler = StandardScaler().fit(codes[:FITTED].reshape(-1, 1))
print(
    json.dumps(
        {
            "scikit-learn": sklearn.__version__,
            "fitted": FITTED,
            "numbers": {
                name: {
                    "values": [None if np.isnan(value) else value for value in values.tolist()],
                    "identity": fitted(values, "identity"),
                    "signed-log1p": fitted(values, "signed-log1p"),
                }
                for name, values in numbers.items()
            },
            "category": {
                "codes": codes.tolist(),
                "known": encoder.categories_[0].tolist(),
                "oneHot": encoder.transform(codes.reshape(-1, 1)).tolist(),
                "labelMean": float(scaler.mean_[0]),
                "labelScale": float(scaler.scale_[0]),
            },
        }
    )
)
