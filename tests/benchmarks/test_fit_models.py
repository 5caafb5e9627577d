"""How many times BG/NBD's time is each model's? Fits to 100,000 distinct histories, two of them with covariates.

The answer stands in brackets in pytest-benchmark's own table. Histories are those of BG/NBD; covariates are a channel
and a number, so that no two customers are the same.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import IdentificationWarning

from . import simulate

SIZE = 100_000
MODELS = ("bg/nbd", "mbg/nbd", "nbd", "pareto/nbd", "ggom/nbd", "bg/cnbd-2", "mbg/cnbd-2", "gamma-gamma")
COVARIATES = clv.Covariates(purchase="channel + age", dropout="channel")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    columns = simulate.histories_with_spend(SIZE)
    return pd.DataFrame({**columns, "channel": rng.choice(["shop", "web"], SIZE), "age": rng.normal(size=SIZE)})


def _fit(customers: clv.Customers, model: str, covariates: clv.Covariates | None = None) -> clv.Fit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)  # data of one model may not identify another
        return clv.fit(customers, model, covariates=covariates)


@pytest.mark.parametrize("model", MODELS)
def test_fit_each_model(benchmark, table, model):
    benchmark.group = f"fit each model, {SIZE:,}"
    result = benchmark.pedantic(
        _fit, setup=lambda: ((clv.Customers.from_frame(table, unit="week"), model), {}), rounds=3, warmup_rounds=1
    )
    assert np.isfinite(result.log_likelihood)


@pytest.mark.parametrize("model", ["bg/nbd", "pareto/nbd"])
def test_fit_with_covariates(benchmark, table, model):
    benchmark.group = f"fit with covariates, {SIZE:,}"

    def fresh():
        return (clv.Customers.from_frame(table, unit="week", keep=["channel", "age"]), model, COVARIATES), {}

    result = benchmark.pedantic(_fit, setup=fresh, rounds=3, warmup_rounds=1)
    assert result.n_histories == SIZE
    # the data know nothing of these covariates: no effect is far from 0
    effects = result.effects()
    assert (effects["coefficient"].abs() < 5 * effects["std_error"]).all()
