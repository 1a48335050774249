"""Makes fixtures/golden/score-tail.json: samples of known distributions, and SciPy's fit of their tails.

Run from the repository's root; SciPy's version is in the file:

    pip install scipy
    python3 scripts/golden/score_tail.py > fixtures/golden/score-tail.json

Of every sample of 4,000 the top 200 are the tail, above the middle between the 201st and the 200th highest. SciPy fits a
generalised Pareto distribution to what they exceed that by, by maximum likelihood, with its location fixed at 0.
"""

import json

import numpy as np
import scipy
from scipy import stats

FLOWS, TAIL = 4000, 200
DISTRIBUTIONS = {
    "generalised Pareto, shape 0.3": stats.genpareto(0.3, scale=0.05),
    "generalised Pareto, shape -0.2": stats.genpareto(-0.2, scale=2),
    "exponential": stats.expon(scale=0.01),
    "log-normal": stats.lognorm(1.2, scale=0.03),
    "Student's t, 3 degrees of freedom, absolute": stats.t(3),
}

cases = []
for seed, (name, distribution) in enumerate(DISTRIBUTIONS.items()):
    scores = np.abs(distribution.rvs(FLOWS, random_state=seed)).astype(np.float32)
    ordered = np.sort(scores).astype(float)
    threshold = (ordered[-TAIL - 1] + ordered[-TAIL]) / 2
    excesses = ordered[-TAIL:] - threshold
    shape, _, scale = stats.genpareto.fit(excesses, floc=0)
    cases.append(
        {
            "name": name,
            "scores": [float(np.format_float_positional(score, unique=True)) for score in scores],
            "threshold": threshold,
            "logLikelihood": float(stats.genpareto.logpdf(excesses, shape, scale=scale).sum()),
            "shape": shape,
            "scale": scale,
        }
    )
print(json.dumps({"scipy": scipy.__version__, "share": TAIL / FLOWS, "cases": cases}))
