"""Scores flows with the detectors that Oddflow is held against.

    python score_peers.py [--only PEER,...] FOLDER...

Each folder holds one split of one table, written by `bench/src/detection/peers.ts`:

    case.json   {"seed", "rows", "columns": [{"name", "kind": "number" | "category", "vocabulary"?}], "flows"}
                flows is a path from the folder: row-major float32 [rows, columns]; a category is its code, an
                unknown one the vocabulary's length; a missing value is NaN
    train.u32   row numbers to fit on
    test.u32    row numbers to score

and gets `<peer>.f32`, one score for each test row (higher is odder), and `peers.json`: settings, seconds and
versions, and why a peer was skipped. Labels are not in the folder, so no peer can see any. Scores that are there
already and were made from the same files, by this same script and the same packages, are kept.
"""

import argparse
import hashlib
import importlib
import json
import platform
import sys
import time
from importlib import metadata
from pathlib import Path

PACKAGES = ["numpy", "scipy", "scikit-learn", "pyod", "torch"]
NEIGHBOUR_ROWS = 20_000


class IsolationForest:
    needs = ["sklearn"]
    settings = "n_estimators=100, max_samples=auto (256); the library's defaults"

    def __init__(self, seed):
        from sklearn.ensemble import IsolationForest as Model

        self.model = Model(n_estimators=100, max_samples="auto", random_state=seed)

    def fit(self, train):
        self.model.fit(train)

    def score(self, test):
        return -self.model.score_samples(test)


class Pca:
    needs = ["sklearn"]
    settings = "components for 95 % of the variance; mean squared reconstruction error"

    def __init__(self, seed):
        from sklearn.decomposition import PCA as Model

        self.model = Model(n_components=0.95, svd_solver="full")

    def fit(self, train):
        self.model.fit(train.astype("float64"))
        return f"{self.model.n_components_} components of {train.shape[1]}"

    def score(self, test):
        test = test.astype("float64")
        rebuilt = self.model.inverse_transform(self.model.transform(test))
        return ((test - rebuilt) ** 2).mean(axis=1)


class LocalOutlierFactor:
    needs = ["sklearn"]
    settings = f"n_neighbors=20, novelty=True; on at most {NEIGHBOUR_ROWS:,} drawn training rows"

    def __init__(self, seed):
        from sklearn.neighbors import LocalOutlierFactor as Model

        self.seed = seed
        self.model = Model(n_neighbors=20, novelty=True)

    def fit(self, train):
        drawn = draw_rows(train, self.seed)
        self.model.fit(drawn)
        return f"{len(drawn):,} of {len(train):,} training rows"

    def score(self, test):
        return -self.model.score_samples(test)


class Pyod:
    needs = ["pyod"]

    def fit(self, train):
        self.model.fit(train)

    def score(self, test):
        return self.model.decision_function(test)


class Ecod(Pyod):
    settings = "has none; test rows are ranked among the training rows and each other, a tenth as many at a time"

    def __init__(self, seed):
        from pyod.models.ecod import ECOD

        self.model = ECOD()

    def fit(self, train):
        self.rows = max(1, len(train) // 10)
        self.model.fit(train)

    def score(self, test):
        import numpy as np

        # All at once, the attacks of a test part that has more of them than there are training rows would be the rule.
        parts = [test[first : first + self.rows] for first in range(0, len(test), self.rows)]
        return np.concatenate([self.model.decision_function(part) for part in parts])


class Hbos(Pyod):
    settings = "n_bins=10, alpha=0.1, tol=0.5; the library's defaults"

    def __init__(self, seed):
        from pyod.models.hbos import HBOS

        self.model = HBOS(n_bins=10, alpha=0.1, tol=0.5)


class Copod(Ecod):
    def __init__(self, seed):
        from pyod.models.copod import COPOD

        self.model = COPOD()


class Knn(Pyod):
    settings = f"n_neighbors=5, method=largest; the library's defaults; on at most {NEIGHBOUR_ROWS:,} drawn training rows"

    def __init__(self, seed):
        from pyod.models.knn import KNN

        self.seed = seed
        self.model = KNN(n_neighbors=5, method="largest")

    def fit(self, train):
        drawn = draw_rows(train, self.seed)
        self.model.fit(drawn)
        return f"{len(drawn):,} of {len(train):,} training rows"


class Inne(Pyod):
    settings = "n_estimators=200, max_samples=auto (8); the library's defaults"

    def __init__(self, seed):
        from pyod.models.inne import INNE

        self.model = INNE(n_estimators=200, max_samples="auto", random_state=seed)


class Loda(Pyod):
    settings = "n_bins=10, n_random_cuts=100; the library's defaults"

    def __init__(self, seed):
        from pyod.models.loda import LODA

        self.model = LODA(n_bins=10, n_random_cuts=100, random_state=seed)


class AutoEncoder(Pyod):
    needs = ["pyod", "torch", "tqdm"]
    settings = "64-32-64 hidden units, 10 epochs, batch 32, dropout 0.2; the library's defaults"

    def __init__(self, seed):
        import torch
        from pyod.models.auto_encoder import AutoEncoder as Model

        # On layers this small a second thread costs more than it brings.
        torch.set_num_threads(1)
        self.model = Model(device=torch.device("cpu"), random_state=seed, verbose=0)


PEERS = {
    "isolation-forest": IsolationForest,
    "pca": Pca,
    "lof": LocalOutlierFactor,
    "knn": Knn,
    "inne": Inne,
    "ecod": Ecod,
    "copod": Copod,
    "hbos": Hbos,
    "loda": Loda,
    "autoencoder": AutoEncoder,
}


def draw_rows(train, seed):
    """Every flow is compared with every training flow: all of them would take hours on a large table."""
    import numpy as np

    rows = min(NEIGHBOUR_ROWS, len(train))
    drawn = np.random.default_rng(seed).choice(len(train), rows, replace=False)
    return train[np.sort(drawn)]


def main():
    parser = argparse.ArgumentParser(description="Scores flows with the detectors that Oddflow is held against")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default=",".join(PEERS), help="peers to run, with commas between them")
    options = parser.parse_args()
    names = options.only.split(",")
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        parser.error(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    skipped = {name: why for name in names if (why := missing_packages(PEERS[name])) is not None}
    for folder in options.folders:
        score_folder(folder, names, skipped)


def missing_packages(peer):
    """Why a peer cannot run here; None where it can."""
    for name in ["numpy", "sklearn", *peer.needs]:
        try:
            importlib.import_module(name)
        except ImportError as error:
            return f"{name} cannot be imported ({error})"
    return None


def score_folder(folder, names, skipped):
    made_from = digest(folder)
    record = read_record(folder)
    kept = record["peers"] if record.get("madeFrom") == made_from else {}
    peers = {}
    features = None
    for name in names:
        if name in kept and "skipped" not in kept[name] and (folder / f"{name}.f32").exists():
            peers[name] = kept[name]
            continue
        if name in skipped:
            peers[name] = {"skipped": skipped[name]}
            continue
        if features is None:
            features = read_features(folder)
        print(f"{folder.parent.name} {folder.name}: {name}", file=sys.stderr, flush=True)
        scores, peers[name] = run_peer(PEERS[name], features)
        write_scores(folder / f"{name}.f32", scores)
        # After every peer, so that a run which is broken off loses one at most.
        write_record(folder, made_from, {**kept, **peers})
    write_record(folder, made_from, {**kept, **peers})


def write_scores(path, scores):
    import numpy as np

    # A score that float32 cannot hold is as odd as any.
    largest = np.finfo("float32").max
    np.clip(scores, -largest, largest).astype("<f4").tofile(path)


def run_peer(peer, features):
    model = peer(features["seed"])
    began = time.perf_counter()
    note = model.fit(features["train"])
    fitted = time.perf_counter()
    scores = model.score(features["test"])
    scored = time.perf_counter()
    return scores, {
        "settings": peer.settings + (f"; {note}" if note else ""),
        "fitSeconds": round(fitted - began, 3),
        "scoreSeconds": round(scored - fitted, 3),
    }


def read_features(folder):
    """The train and test rows as every peer gets them: float32, fitted on the train rows only."""
    import numpy as np

    case = json.loads((folder / "case.json").read_text("utf-8"))
    columns = case["columns"]
    flows = np.fromfile(folder / case["flows"], "<f4").reshape(case["rows"], len(columns))
    train = flows[np.fromfile(folder / "train.u32", "<u4")]
    test = flows[np.fromfile(folder / "test.u32", "<u4")]
    preparation = make_preparation(columns).fit(train)
    return {
        "seed": case["seed"],
        "train": preparation.transform(train).astype("float32"),
        "test": preparation.transform(test).astype("float32"),
    }


def make_preparation(columns):
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    kinds = [column["kind"] for column in columns]
    numbers = make_pipeline(
        FunctionTransformer(finite),
        SimpleImputer(strategy="median", keep_empty_features=True),
        FunctionTransformer(signed_log1p),
        StandardScaler(),
    )
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer(
        (numbers, [i for i, kind in enumerate(kinds) if kind == "number"]),
        (categories, [i for i, kind in enumerate(kinds) if kind == "category"]),
    )


def finite(values):
    """Infinities become the largest float32; missing values stay NaN."""
    import numpy as np

    largest = np.finfo("float32").max
    return np.clip(values.astype("float64"), -largest, largest)


def signed_log1p(values):
    import numpy as np

    return np.sign(values) * np.log1p(np.abs(values))


def digest(folder):
    """Of all that scores depend on."""
    hashed = hashlib.sha256(json.dumps(versions()).encode())
    case = json.loads((folder / "case.json").read_text("utf-8"))
    for path in [Path(__file__), *(folder / name for name in ("case.json", case["flows"], "train.u32", "test.u32"))]:
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()


def versions():
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def read_record(folder):
    try:
        return json.loads((folder / "peers.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}


def write_record(folder, made_from, peers):
    record = {"madeFrom": made_from, "versions": versions(), "peers": peers}
    (folder / "peers.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
