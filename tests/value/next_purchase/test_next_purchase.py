"""Next purchase: worked examples, closed forms, simulation, stages of CDNOW."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import clvmodels as clv
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from tests.reference.parameters import PARAMETERS

BGNBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PRINTED = 6e-3  # figures that are stated to two digits or more
GRID = 1e-4  # of a quantile: a cubic between 72 times
MONTE_CARLO = 4.0  # standard errors


def customers_of(x: list[float], t_x: list[float], T: float | list[float]) -> clv.Customers:
    return clv.Customers.from_frame(pd.DataFrame({"frequency": x, "recency": t_x, "T": T}), unit="week")


@pytest.fixture(scope="module")
def four() -> clv.Customers:
    return customers_of([2, 0, 7, 3], [30.43, 0.0, 35.0, 10.0], 38.86)


@pytest.fixture(scope="module")
def published() -> clv.Fit:
    return clv.predictions("bg/nbd", BGNBD)


def test_worked_examples(published: clv.Fit, four: clv.Customers) -> None:
    found = clv.next_purchase(published, four, horizon=39, interval=0.80).table
    for name, expected in {
        "probability_alive": [0.7266, 1.0, 0.8438, 0.1364],
        "purchase_probability": [0.5546, 0.1446, 0.8357, 0.1194],
        "next_median": [10.34, 15.65, 4.28, 8.41],
        "silence": [0.6151, 0.5742, 0.5083, 0.0283],
    }.items():
        assert found[name].tolist() == pytest.approx(expected, abs=PRINTED), name
    assert found["median"].tolist() == pytest.approx([29.48, 706.7, 5.71, np.inf], abs=0.05)  # one decimal
    assert found.loc[0, ["next_lower", "next_upper", "next_expected"]].tolist() == pytest.approx(
        [1.56, 29.36, 13.00], abs=PRINTED
    )
    assert found["overdue"].tolist() == [False, False, False, True]


def test_quantiles_equal_the_closed_form_of_bgnbd(published: clv.Fit) -> None:
    """t_u = (α + T) [(1 - u / P(alive))^(-1/(r + x)) - 1]."""
    x, t_x, T = [0.0, 1.0, 5.0, 40.0, 400.0], [0.0, 2.0, 30.0, 38.0, 300.0], [1e-3, 40.0, 38.9, 38.9, 300.1]
    found = clv.next_purchase(published, customers_of(x, t_x, T), horizon="1Y", interval=0.90).table
    alive, reached = found["probability_alive"].to_numpy(), found["purchase_probability"].to_numpy()
    for name, level in {"next_lower": 0.05, "next_median": 0.5, "next_upper": 0.95}.items():
        left = 1.0 - level * reached / alive
        exact = (BGNBD["alpha"] + np.array(T)) * (left ** (-1.0 / (BGNBD["r"] + np.array(x))) - 1.0)
        assert found[name].to_numpy() == pytest.approx(exact, rel=10 * GRID)


@pytest.mark.parametrize("name", ["bg/nbd", "mbg/nbd", "pareto/nbd", "bg/cnbd-2", "nbd", "ggom/nbd"])
def test_window_of_the_next_purchase_inverts_the_probability(name: str, four: clv.Customers) -> None:
    row = PARAMETERS[name]
    fit = clv.predictions(name, row.laws[0])
    found = clv.next_purchase(fit, four, horizon=39, interval=0.80).table
    for column, level in {"next_lower": 0.1, "next_median": 0.5, "next_upper": 0.9}.items():
        for i in range(len(four)):
            reached = fit.purchase_probability(float(found[column].iloc[i]), four).iloc[i]
            assert reached == pytest.approx(level * found["purchase_probability"].iloc[i], rel=1e-3)  # 10 GRID


@pytest.mark.parametrize("k", [1, 2, 3])
def test_silence_is_the_tail_of_the_next_gap(k: int) -> None:
    """Gamma rates of customers with x gaps until t_x, and the next gap of each."""
    from clvmodels.models.numerics.silence import gamma_silence

    rng, n, x, t_x, T = np.random.default_rng(2), 200_000, 3.0, 20.0, 31.0
    gap = rng.gamma(k, 1.0 / rng.gamma(0.5 + k * x, 1.0 / (4.0 + t_x), n))
    longer = float((gap > T - t_x).mean())
    found = float(gamma_silence(k, np.array([x]), np.array([t_x]), np.array([T]), r=0.5, alpha=4.0)[0])
    assert found == pytest.approx(longer, abs=MONTE_CARLO * np.sqrt(0.25 / n))


def test_silence_of_bgbb_is_a_product() -> None:
    """B(α + x, β + T - x) / B(α + x, β + t_x - x): the mean of (1 - p)^(T - t_x) over p ~ Beta(α + x, β + t_x - x)."""
    model = clv.models.get("bg/bb")
    found = model.silence(np.array([2.0]), np.array([5.0]), np.array([9.0]), alpha=1.2, beta=0.75, gamma=0.6, delta=2.8)
    p = stats.beta(1.2 + 2.0, 0.75 + 3.0)
    assert found[0] == pytest.approx(p.expect(lambda p: (1.0 - p) ** 4), rel=1e-8)  # SciPy's quadrature


def test_stages_of_the_cdnow_sample() -> None:
    log = clv.datasets.path("cdnow_sample")
    customers = clv.summarize(
        log, customer="customer_id", date="date", observation_end="1997-09-30", keep_purchases=True
    )
    fit = clv.fit(customers, "bg/nbd")
    found = clv.next_purchase(fit, horizon="26W", stages=clv.StageRules(one_time=False))
    counts = {"active": 331, "slowing": 235, "at risk": 1_698, "lapsed": 69, "won back": 24, "new": 0, "one-time": 0}
    assert found.stages["customers"].to_dict() == counts
    means = found.stages["purchase_probability"]
    assert means[["active", "slowing", "at risk", "lapsed", "won back"]].tolist() == pytest.approx(
        [0.513, 0.444, 0.131, 0.063, 0.781],
        abs=1e-3,  # three decimals
    )
    own = clv.next_purchase(fit, horizon="26W").stages["customers"]
    assert own["one-time"] == (customers.table["frequency"] == 0).sum()
    dated = found.table["date_median"].notna()
    assert (dated == (found.table["purchase_probability"] >= 0.10)).all()
    assert found.table.loc[dated, "date_lower"].min() > pd.Timestamp("1997-09-30")


def test_covariates_and_groups_have_times_too() -> None:
    table = pd.DataFrame({"frequency": [2, 2], "recency": 30.43, "T": 38.86, "channel": ["a", "b"]})
    rng = np.random.default_rng(1)
    T = rng.uniform(20, 50, 2_000)
    x, t_x = clv.models.get("bg/nbd").simulate(rng, T, r=0.6, alpha=6.0, a=0.9, b=2.5)
    seen = pd.DataFrame(
        {"frequency": x, "recency": t_x, "T": T, "channel": np.where(rng.random(2_000) < 0.5, "a", "b")}
    )
    customers = clv.Customers.from_frame(seen, unit="week", keep="channel")
    fit = clv.fit(customers, "bg/nbd", covariates=clv.Covariates(purchase="channel"))
    two = clv.Customers.from_frame(table, unit="week", keep="channel")
    found = clv.next_purchase(fit, two, horizon="1Y").table
    assert found["silence"].nunique() == 2
    assert found["purchase_probability"].tolist() == pytest.approx(fit.purchase_probability("1Y", two).tolist())


def test_few_and_short_data_are_said(published: clv.Fit, four: clv.Customers) -> None:
    text = clv.next_purchase(published, four, horizon="3Y").summary()
    for part in ("one purchase is all that is known", "lean on few", "are few", "twice as long", "who was won back"):
        assert part in text


def test_arguments_without_meaning_are_refused(published: clv.Fit, four: clv.Customers) -> None:
    with pytest.raises(ArgumentError, match="interval"):
        clv.next_purchase(published, four, interval=90)
    with pytest.raises(ArgumentError, match="horizon"):
        clv.next_purchase(published, four, horizon=0)
    with pytest.raises(ArgumentError, match="no silence"):
        clv.next_purchase(published, "new")
    with pytest.raises(ArgumentError, match="lapsed must be"):
        clv.StageRules(lapsed=10)
    with pytest.raises(UnsupportedPrediction, match="fit of purchases"):
        clv.next_purchase(clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44}), four)
