"""A new model is one file, one line of the registry and one row of parameters, and has everything at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.models.spend import gamma_gamma
from tests.laws import test_covariates, test_jets, test_purchase_models, test_tensors
from tests.models import bgnbd_stayers
from tests.plots.every import PLOTS, Business
from tests.recovery import test_models
from tests.reference import bgnbd, covariates, mbgnbd
from tests.reference.parameters import Row

matplotlib.use("Agg")

NAME = "bg/nbd-stayers"


def _log_likelihood(x: Any, t_x: Any, T: Any, r: Any, alpha: Any, a: Any, b: Any, stay: Any) -> Any:
    stays = mpmath.exp(mbgnbd.nbd_log_likelihood(x, t_x, T, r=r, alpha=alpha))
    may_leave = mpmath.exp(bgnbd.log_likelihood(x, t_x, T, r=r, alpha=alpha, a=a, b=b))
    return mpmath.log((stay * stays + may_leave) / (1 + stay))


ROW = Row(
    laws=[
        {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "stay": 0.1},
        {"r": 1.7, "alpha": 9.0, "a": 1.0, "b": 3.0, "stay": 3.0},
    ],
    log_likelihood=_log_likelihood,
    derivatives=[[0.243, 4.414, 0.793, 2.426, 0.1], [1.0, 1.0, 1.0, 1.0, 5.0]],
    recovery={"r": 0.9, "alpha": 4.0, "a": 2.0, "b": 2.0, "stay": 0.5},
    covariates={"r": 0.9, "alpha": 4.0, "a": 2.0, "b": 2.0, "stay": 0.5},
)
LAWS = [law for name, law in vars(test_purchase_models).items() if name.startswith("test_law_")]


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line in the registry and the row in the table."""
    monkeypatch.setitem(sys.modules["clvmodels.models.registry"].MODULES, NAME, "tests.models.bgnbd_stayers")
    monkeypatch.setitem(test_jets.CASES, NAME, ROW)
    monkeypatch.setitem(test_models.PURCHASES, NAME, ROW)
    monkeypatch.setitem(covariates.TRUTH, NAME, ROW.covariates)


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    """20,000 customers by the truth of the row, in two groups."""
    rng = np.random.default_rng(11)
    T = rng.integers(30, 100, 20_000).astype(float)
    x, t_x = bgnbd_stayers.simulate(rng, T, **ROW.recovery)
    m = np.where(x > 0, gamma_gamma.simulate(rng, np.maximum(x, 1.0), p=6.25, q=3.74, v=15.44), 0.0)
    table = pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "monetary_value": m})
    table["channel"] = rng.choice(["shop", "web"], len(T))
    return clv.Customers.from_frame(table, unit="week", keep=["channel"])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("parameters", ROW.laws, ids=lambda parameters: f"{parameters['stay']:g}")
def test_laws_hold(law: Callable[..., None], parameters: dict[str, float]) -> None:
    law(test_purchase_models.at_parameters(NAME, parameters))


def test_derivatives_are_exact() -> None:
    test_jets.test_jets_equal_numerical_derivatives(NAME)
    test_tensors.test_gradient_of_jets_equals_pytensor(NAME)


def test_covariates_are_learned_and_predicted() -> None:
    test_covariates.test_likelihood_is_that_of_each_customer_with_own_parameters(NAME)
    test_covariates.test_derivatives_equal_differences(NAME)
    fit = clv.fit(
        covariates.simulated(NAME, 20_000, seed=1, ages=(30.0, 100.0)), NAME, covariates=covariates.COVARIATES
    )
    effects = fit.effects(level=0.999)
    for (process, name), truth in {
        **{("purchase", name): value for name, value in covariates.PURCHASE.items()},
        **{("dropout", name): value for name, value in covariates.DROPOUT.items()},
    }.items():
        row = effects.loc[f"{process}: {name}"]
        assert row["lower"] <= truth <= row["upper"]


@pytest.mark.slow
def test_likelihood_ratio_at_the_truth() -> None:
    test_models.test_likelihood_ratio_at_the_truth_averages_the_number_of_parameters(NAME)


def test_it_is_fitted_compared_saved_and_valued(customers: clv.Customers, tmp_path: Path) -> None:
    fit = clv.fit(customers, NAME)
    table = fit.summary(level=0.999)
    assert all(table.lower[name] <= value <= table.upper[name] for name, value in (ROW.recovery or {}).items())

    few = clv.Customers.from_frame(customers.table.iloc[:50], unit="week")
    interval = fit.expected_purchases("1Y", few, interval=0.9)
    assert (interval.iloc[:, 1] < interval.iloc[:, 0]).all()
    assert (interval.iloc[:, 0] < interval.iloc[:, 2]).all()
    counts, expected = fit.simulate("39W", seed=1), fit.expected_purchases("39W")
    assert abs(counts.mean() - expected.mean()) < 4.0 * counts.std() / np.sqrt(len(counts))

    comparison = clv.compare(customers, ["bg/nbd", "nbd", NAME])
    assert comparison.recommended == NAME
    assert set(comparison.tests["test"]) == {"likelihood ratio"}

    fit.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    assert loaded.expected_purchases("1Y", few).equals(fit.expected_purchases("1Y", few))

    assert (
        clv.lifetime_value(fit, clv.fit(customers, "gamma-gamma"), horizon="1Y", annual_discount_rate=0.1).to_numpy()
        >= 0.0
    ).all()
    assert clv.posterior_check(fit, draws=50).shape[0] > 3


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")  # chains this short do not mix
def test_it_is_fitted_by_group_and_by_posterior(customers: clv.Customers) -> None:
    some = clv.Customers.from_frame(customers.table.iloc[:150], unit="week", keep=["channel"])
    posterior = clv.fit(some, NAME, method="laplace", draws=200)
    assert posterior.pareto_k is not None
    grouped = clv.fit(some, NAME, group=some.table["channel"], method="nuts", draws=50, chains=1, progress=False)
    assert set(grouped.fits) == {"shop", "web"}
    each, bounds = grouped.expected_purchases("1Y"), grouped.expected_purchases("1Y", interval=0.9)
    assert len(each) == len(some)
    assert (bounds.iloc[:, 1] < bounds.iloc[:, 2]).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")  # nobody among CDNOW's customers stays
def test_its_plots_are_drawn() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    columns = {"customer": "customer_id", "date": "date", "amount": "amount"}
    split = clv.holdout_split(log, **columns, calibration_end="1997-09-30", currency="USD")
    spend = clv.fit(split.calibration, "gamma-gamma")
    business = Business(log, split, clv.fit(split.calibration, NAME), spend)
    for draw in PLOTS.values():
        draw(business, None)
        plt.close("all")
