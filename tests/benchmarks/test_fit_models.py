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


@pytest.mark.parametrize("purchase", ["channel", "channel + age"])
def test_fit_a_million_customers_in_weeks(benchmark, purchase):
    """Whole weeks and ages to a tenth, so that many customers are alike."""
    benchmark.group = "fit bg/nbd with covariates, 1,000,000 customers in weeks"
    rng, n = np.random.default_rng(4), 1_000_000
    T = rng.integers(27, 53, n).astype(float)
    x, t_x = clv.models.get("bg/nbd").simulate(rng, T, **simulate.PURCHASES)
    t_x = np.where(x > 0, np.clip(t_x.round(), 1.0, T), 0.0)
    channel = pd.Categorical(rng.choice(["shop", "web"], n))
    table = pd.DataFrame(
        {"frequency": x, "recency": t_x, "T": T, "channel": channel, "age": rng.normal(size=n).round(1)}
    )
    covariates = clv.Covariates(purchase=purchase, dropout="channel")

    def fresh():
        return (clv.Customers.from_frame(table, unit="week", keep=["channel", "age"]), "bg/nbd", covariates), {}

    assert benchmark.pedantic(_fit, setup=fresh, rounds=2).n_customers == n


@pytest.mark.parametrize("purchase", ["channel", "channel + age"])
def test_intervals_with_covariates(benchmark, table, purchase):
    benchmark.group = f"90 % intervals of expected purchases with covariates, {SIZE:,} customers, 1,000 draws"
    customers = clv.Customers.from_frame(table, unit="week", keep=["channel", "age"])
    fitted = _fit(customers, "bg/nbd", clv.Covariates(purchase=purchase, dropout="channel"))
    fitted.draws()  # a fit keeps them
    answer = benchmark.pedantic(fitted.expected_purchases, args=("39W",), kwargs={"interval": 0.9}, rounds=1)
    assert (answer.iloc[:, 1] <= answer.iloc[:, 2]).all()
