"""One side of the NUTS benchmark, in a fresh process: ``nuts_side.py SIDE DATA MODEL RUNS``.

Imports nothing of this package's tests, so that it runs in an environment of PyMC-Marketing's own. Prints, a line a
run, seconds (imports and compilation in the first) and the bulk effective sample size of the worst parameter.
"""

from __future__ import annotations

import json
import sys
import time

START = time.perf_counter()
MODELS = {"bg/nbd": "BetaGeoModel", "pareto/nbd": "ParetoNBDModel"}


def ours(df, model):
    """A fit as our users write it."""
    import clvmodels as clv

    customers = clv.Customers.from_frame(df, unit="week")
    return clv.fit(customers, model, method="nuts", progress=False).posterior


def theirs(df, model):
    """A fit as theirs do: 4 chains of 1,000 draws after 1,000 steps of tuning."""
    from pymc_marketing import clv

    data = df.assign(customer_id=range(len(df)))
    return getattr(clv, MODELS[model])().fit(data, chains=4, draws=1000, tune=1000, progressbar=False, random_seed=1)


def worst_effective_sample_size(posterior) -> float:
    """Bulk ESS of the parameter that has the smallest."""
    import arviz as az

    ess = az.ess(posterior, var_names=[name for name in NAMES if name in posterior["posterior"].data_vars])
    dataset = ess["posterior"] if "posterior" in getattr(ess, "children", {}) else ess
    return min(float(dataset[name]) for name in dataset.data_vars)


NAMES = ("r", "alpha", "a", "b", "s", "beta")

if __name__ == "__main__":
    import warnings

    import numpy as np
    import pandas as pd

    warnings.simplefilter("ignore")
    side, path, model, runs = sys.argv[1:5]
    data = pd.DataFrame(dict(np.load(path)))
    begin = START
    for _ in range(int(runs)):
        found = (ours if side == "clvmodels" else theirs)(data, model)
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "ess": worst_effective_sample_size(found)}), flush=True)
        begin = time.perf_counter()
