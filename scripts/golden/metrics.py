"""Makes fixtures/golden/metrics.json: what scikit-learn says of scores with and without ties.

Made with scikit-learn 1.9.1 and NumPy 2.4.6 on Python 3.11. To make it again, from the repository's root:

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python scripts/golden/metrics.py

Inputs are stored compactly: `scores` as the base64 of little-endian float32 or float64 (`dtype`),
`isAttack` as a string of 0 and 1. scikit-learn is given float32 scores as exact doubles. Of a curve, some
evenly spaced points are stored with their positions (`at`), and the number of all (`length`). An infinite
threshold is stored as "inf", NaN as null. `detections` holds [limit, detection, threshold]; `scores` the
mean and population deviation of the normal flows and of the attacks; `report` precision, recall, F1 and
support.
"""

import base64
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

VERSION = "1.9.1"
POINTS = 61
LIMITS = [0.0, 0.01, 0.05, 0.5, 1.0]


def cases():
    """name, scores, labels; every random choice from one seed."""
    random = np.random.default_rng(20)
    labels = (random.random(200) < 0.4).astype(np.uint8)
    yield "random", random.random(200, dtype=np.float32), labels
    yield "heavy ties", random.integers(0, 6, 200).astype(np.float32) + labels.astype(np.float32), labels
    yield "all equal", np.full(20, 0.25, np.float32), (np.arange(20) % 4 == 0).astype(np.uint8)
    perfect = np.linspace(0, 1, 30, dtype=np.float32)
    yield "perfect", perfect, (np.arange(30) >= 21).astype(np.uint8)
    yield "inverted", perfect, (np.arange(30) < 9).astype(np.uint8)
    yield "two rows, right", np.array([0.1, 0.9], np.float32), np.array([0, 1], np.uint8)
    yield "two rows, wrong", np.array([0.9, 0.1], np.float32), np.array([0, 1], np.uint8)
    yield "two rows, tied", np.array([0.5, 0.5], np.float32), np.array([0, 1], np.uint8)
    yield "normal flows alone", random.random(12, dtype=np.float32), np.zeros(12, np.uint8)
    yield "attacks alone", random.random(12, dtype=np.float32), np.ones(12, np.uint8)
    # Negative scores, both zeros, and doubles that are one and the same as float32.
    doubles = np.concatenate([random.normal(size=140), [0.0, -0.0] * 10, 1 + np.arange(40) // 2 * 1e-12])
    yield "doubles closer than float32 tells apart", doubles, (random.random(200) < 0.5).astype(np.uint8)
    # As reconstruction errors are: a long tail, few attacks, and many flows that are exact duplicates.
    labels = (random.random(5000) < 0.03).astype(np.uint8)
    errors = random.lognormal(-4 + 1.2 * labels, 1.1).astype(np.float32)
    duplicates = random.random(5000) < 0.3
    errors[duplicates] = np.round(errors[duplicates], 2)
    yield "5,000 rows, 3 % attacks", errors, labels


def number(value):
    value = float(value)
    return None if np.isnan(value) else "inf" if np.isinf(value) else value


def curve(**arrays):
    length = len(next(iter(arrays.values())))
    at = np.unique(np.linspace(0, length - 1, POINTS).round().astype(int))
    samples = {
        name: [number(array[i]) if i < len(array) else None for i in at] for name, array in arrays.items()
    }
    return {"length": length, "at": at.tolist(), **samples}


def classification(labels, scores, threshold):
    flagged = (scores >= threshold).astype(int)
    report = metrics.classification_report(
        labels, flagged, labels=[0, 1], target_names=["normal", "attack"], output_dict=True, zero_division=0
    )
    return {
        "threshold": number(threshold),
        "confusion": metrics.confusion_matrix(labels, flagged, labels=[0, 1]).tolist(),
        "accuracy": report["accuracy"],
        "report": {
            name: [report[name][key] for key in ("precision", "recall", "f1-score", "support")]
            for name in ("normal", "attack", "macro avg", "weighted avg")
        },
    }


def expected(scores, labels):
    doubles = scores.astype(np.float64)
    both = 0 < labels.sum() < len(labels)
    false_rate, true_rate, thresholds = metrics.roc_curve(
        labels, doubles, pos_label=1, drop_intermediate=False
    )
    precision, recall, pr_thresholds = metrics.precision_recall_curve(labels, doubles, pos_label=1)
    youden = thresholds[np.argmax(true_rate - false_rate)] if both else np.inf
    detections = []
    for limit in LIMITS if both else []:
        best = true_rate[false_rate <= limit].max()
        detections.append([limit, best, number(thresholds[np.argmax(true_rate == best)])])
    of_class = [doubles[labels == label] for label in (0, 1)]
    return {
        "roc": curve(falsePositiveRate=false_rate, truePositiveRate=true_rate, thresholds=thresholds),
        "precisionRecall": curve(precision=precision, recall=recall, thresholds=pr_thresholds),
        "rocAuc": float(metrics.roc_auc_score(labels, doubles)) if both else None,
        "averagePrecision": float(metrics.average_precision_score(labels, doubles)),
        "youdenThreshold": number(youden),
        "detections": detections,
        "scores": [[float(own.mean()), float(own.std())] if len(own) else None for own in of_class],
        "classifications": [
            classification(labels, doubles, threshold)
            for threshold in (youden, np.median(doubles), doubles.min(), np.inf)
        ],
    }


def main():
    if sklearn.__version__ != VERSION:
        raise SystemExit(f"metrics.py: found scikit-learn {sklearn.__version__}, expected {VERSION}")
    warnings.simplefilter("ignore")  # The undefined figures of one class alone are wanted.
    lines = []
    for name, scores, labels in cases():
        case = {
            "name": name,
            "dtype": str(scores.dtype),
            "scores": base64.b64encode(scores.astype(scores.dtype.newbyteorder("<")).tobytes()).decode(),
            "isAttack": "".join(map(str, labels)),
            "expected": expected(scores, labels),
        }
        lines.append(json.dumps(case, separators=(",", ":"), allow_nan=False))
    path = Path(__file__).parents[2] / "fixtures" / "golden" / "metrics.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'{{"madeBy":"scripts/golden/metrics.py, scikit-learn {VERSION}","cases":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
