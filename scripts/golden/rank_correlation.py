"""Makes fixtures/golden/rank-correlation.json: what SciPy says of the rank correlation of scores with and without ties.

Made with SciPy 1.17.1 and NumPy 2.4.6 on Python 3.11. To make it again, from the repository's root:

    pip install scipy==1.17.1 numpy==2.4.6
    python scripts/golden/rank_correlation.py

Scores are stored as the base64 of little-endian float32. SciPy is given them as exact doubles. A correlation that is not defined,
since one side's scores are all alike, is stored as null.
"""

import base64
import json
import warnings
from pathlib import Path

import numpy as np
from scipy import stats


def cases():
    """name, scores, other scores; every random choice from one seed."""
    random = np.random.default_rng(17)
    scores = random.lognormal(size=400).astype(np.float32)
    yield "alike but for the scale", scores, (scores * 3).astype(np.float32)
    yield "turned round", scores, -scores
    yield "with noise", scores, (scores + random.normal(size=400)).astype(np.float32)
    yield "heavy ties", np.round(scores), np.round(scores + random.normal(size=400)).astype(np.float32)
    yield "unrelated", scores, random.random(400, dtype=np.float32)
    yield "both zeros", np.array([0.0, -0.0, 1, -1, 0], np.float32), np.array([3, 3, 4, 1, 2], np.float32)
    yield "two flows", np.array([1, 2], np.float32), np.array([5, 3], np.float32)
    yield "one side alike", np.full(9, 0.5, np.float32), scores[:9]


def text(values):
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def main():
    made = []
    for name, one, other in cases():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = stats.spearmanr(one.astype(np.float64), other.astype(np.float64)).statistic
        made.append({"name": name, "one": text(one), "other": text(other), "expected": None if np.isnan(value) else float(value)})
    path = Path(__file__).parents[2] / "fixtures" / "golden" / "rank-correlation.json"
    path.write_text(json.dumps({"cases": made}, indent=1) + "\n")


main()
