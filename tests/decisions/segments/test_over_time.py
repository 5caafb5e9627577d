"""Segments at two dates, and predicted ones beside those that came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

import clvmodels as clv
from clvmodels.decisions.segments.simulation import customers_later
from clvmodels.errors import ArgumentError, ClvError, DataError

COUNTED = 0.01  # of a share of 50,000 customers in the best quarter: more than four standard errors
ERRORS = 4.0  # standard errors


def test_moves_by_hand() -> None:
    then = pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd"))
    now = pd.Series([9.0, 1.0, 2.0, 10.0], index=list("abce"))
    found = clv.segment(then, q=2).migration(now)
    assert found.table.to_dict() == {
        "A": {"A": 1, "B": 0, "new": 1}, "B": {"A": 1, "B": 1, "new": 0}, "gone": {"A": 0, "B": 1, "new": 0}
    }  # fmt: skip
    assert found.shares.loc["A"].tolist() == [0.5, 0.5, 0.0]
    assert found.by_chance is None
    assert clv.segment(then, q=2).migration(then * 10.0, borders="refitted").table.to_numpy().tolist() == [
        [2, 0],
        [0, 2],
    ]
    assert clv.segment(then, q=2).migration(then * 10.0).table.to_numpy().tolist() == [[2, 0], [2, 0]]
    nobody = clv.segment(then, q=2).migration(pd.Series([1.0], index=["x"]))
    assert nobody.shares.loc["A", "gone"] == 1.0


def test_noise_alone_moves_half_of_the_best_quarter() -> None:
    """No customer changes, noise has the spread of the signal: correlation 1/2, of which 48.1 % stay."""
    rng, n = np.random.default_rng(11), 200_000
    signal = rng.normal(size=n)
    then, now = (pd.Series(signal + rng.normal(size=n)) for _ in range(2))
    found = clv.segment(then).migration(now, borders="refitted")
    edge = norm.ppf(0.75)
    both = multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]).cdf([-edge, -edge])
    assert both / 0.25 == pytest.approx(0.481, abs=5e-4)  # printed to three digits
    assert found.shares.loc["A", "A"] == pytest.approx(both / 0.25, abs=COUNTED)


def test_simulated_histories_are_those_of_the_model() -> None:
    """Customers are simulated until T, then window by window: frequencies and recencies are those simulated at once."""
    parameters = {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.4}
    rng, n = np.random.default_rng(3), 6_000
    model: Any = clv.predictions("bg/nbd", parameters, unit="week")
    x, t_x = model.definition.simulate(rng, np.full(n, 20.0), **parameters)
    m = np.where(x > 0, 10.0, np.nan)
    table = pd.DataFrame({"frequency": x, "recency": t_x, "T": 20.0, "monetary_value": m})
    fit = clv.fit(clv.Customers.from_frame(table, unit="week"), "bg/nbd")
    spend = clv.predictions("gamma-gamma", {"p": 6.0, "q": 4.0, "v": 15.0})
    known = fit.parameters  # near the truth, and what both ways simulate from
    later = customers_later(fit, spend, 20.0, seed=5).table
    x2, t2 = model.definition.simulate(rng, np.full(n, 40.0), **known)
    for one, other in ((later["frequency"], x2), (later["recency"], t2)):
        error = np.hypot(np.std(one), np.std(other)) / np.sqrt(n)
        # the customers at 20 are one sample: its own error is in both differences
        assert abs(np.mean(one) - np.mean(other)) < ERRORS * error
    assert (later["T"] == 40.0).all()
    assert (later["frequency"] >= table["frequency"]).all()
    bought = later["frequency"] > table["frequency"]
    assert (later.loc[bought, "recency"] > 20.0).all()
    assert (later.loc[~bought, "recency"] == table.loc[~bought, "recency"]).all()
    assert later.loc[~bought & (x > 0), "monetary_value"].eq(10.0).all()


@pytest.fixture(scope="module")
def dates() -> dict[str, Any]:
    log = clv.datasets.load_cdnow(sample=True)
    options = {"customer": "customer_id", "date": "date", "amount": "amount", "unit": "week"}
    first = clv.summarize(log, observation_end="1997-09-30", **options)
    second = clv.summarize(log, observation_end="1998-06-30", **options)
    purchases, spend = clv.fit(first, "bg/nbd"), clv.fit(first, "gamma-gamma")
    terms = {"horizon": "1Y", "annual_discount_rate": 0.10}
    return {
        "purchases": purchases, "spend": spend, "then": clv.lifetime_value(purchases, spend, **terms),
        "second": second,
        "now": clv.lifetime_value(purchases, spend, second, **terms),
        "came": clv.holdout_split(log, calibration_end="1997-09-30", **options).table["spend"],
    }  # fmt: skip


def test_migration_of_the_sample_beside_chance(dates: dict[str, Any]) -> None:
    """What came in 39 weeks is about what the model says: more moved than nothing would, no more than chance does."""
    tiers = clv.segment(dates["then"])
    fits = {"purchases": dates["purchases"], "spend": dates["spend"], "after": "39W"}
    found = tiers.migration(dates["now"], **fits, replications=2, seed=1)
    assert found.by_chance is not None
    assert found.by_chance.sum(axis=1).tolist() == pytest.approx([1.0] * 4)
    chance = float(found.by_chance.loc["A", "A"])
    assert 0.4 < chance < 0.95
    error = np.sqrt(chance * (1.0 - chance) / found.table.loc["A"].sum())
    # and what isn't known of the parameters, which the simulations leave out: as much again
    assert found.shares.loc["A", "A"] == pytest.approx(chance, abs=2.0 * ERRORS * error)
    assert "by chance alone" in found.summary()
    again = tiers.migration(dates["now"], **fits, replications=2, seed=1)
    pd.testing.assert_frame_equal(again.by_chance, found.by_chance)
    margin = clv.segment(dates["then"].assign(lifetime_value=0.3 * dates["then"]["lifetime_value"]))
    with pytest.raises(ArgumentError, match="Pass value="):
        margin.migration(dates["now"], **fits)
    valued = clv.segment(pd.Series(dates["then"]["lifetime_value"].to_numpy(), index=dates["then"].index))
    with pytest.raises(ArgumentError, match="Pass value="):
        valued.migration(dates["now"], **fits)


def test_options_of_migration(dates: dict[str, Any]) -> None:
    tiers = clv.segment(dates["then"])
    for wrong in ({"borders": "moving"}, {"purchases": dates["purchases"]}, {"replications": 0, "after": "1W"},
                  {"after": -1.0}, {"seed": -1, "after": "1W"}, {"purchases": 3, "after": "1W"}):  # fmt: skip
        given: dict[str, Any] = {"spend": dates["spend"], **wrong}
        if "after" in wrong and "purchases" not in wrong:
            given["purchases"] = dates["purchases"]
        with pytest.raises(ClvError):
            tiers.migration(dates["now"], **given)
    with pytest.raises(DataError, match="from a summary"):
        clv.segment(dates["then"], by="rfm", customers=dates["purchases"].customers).migration(dates["now"])


def test_scores_of_the_first_date_are_kept_or_made_afresh() -> None:
    """Frequencies 0 to 9 at the first date: who has 4 is in the third fifth then, wherever the others go."""
    first = pd.DataFrame(
        {"frequency": range(10), "recency": 5.0, "T": 5.0, "monetary_value": 1.0}, index=list("abcdefghij")
    )
    scored = clv.segment(pd.Series(1.0, index=first.index), by="rfm", customers=first)
    assert scored.assign(first).equals(scored.customers["segment"])
    later = first.assign(frequency=first["frequency"] + 3)
    codes = scored.assign(later)
    assert codes.str[1].astype(int).tolist() == [2, 3, 3, 4, 4, 5, 5, 5, 5, 5]
    assert set(codes.str[0] + codes.str[2]) == {"33"}  # the silence and money of all, as before
    assert scored.migration(later).table.loc["313", "323"] == 1
    assert scored.migration(later, borders="refitted").table.loc["313", "313"] == 2
    silent = scored.assign(first.assign(T=9.0, monetary_value=2.0))
    assert set(silent.str[0] + silent.str[2]) == {"15"}


def test_scores_of_the_sample_migrate_beside_chance(dates: dict[str, Any]) -> None:
    scored = clv.segment(dates["then"], by="rfm", customers=dates["purchases"].customers)
    fits = {"purchases": dates["purchases"], "spend": dates["spend"], "after": "39W"}
    found = scored.migration(dates["second"], **fits, replications=1)
    assert found.table.to_numpy().sum() == len(dates["then"])
    assert found.by_chance is not None
    assert found.by_chance.sum(axis=1).max() == pytest.approx(1.0)


def test_scores_and_groups_migrate(dates: dict[str, Any]) -> None:
    first = dates["purchases"].customers.table
    scored = clv.segment(dates["then"], by="rfm", customers=first)
    later = first.assign(T=first["T"] + 39.0)
    moved = scored.migration(later, borders="refitted")
    assert np.trace(moved.table.to_numpy()) == len(first)  # all are silent for as much longer
    groups = clv.segment(dates["then"], by="value_risk")
    assert groups.migration(dates["now"]).table.to_numpy().sum() == len(first)
    assert groups.migration(dates["now"], borders="refitted").table.to_numpy().sum() == len(first)
    own = clv.segment(dates["then"], by=pd.Series("x", index=first.index))
    assert own.migration(pd.Series("y", index=first.index)).table.loc["x", "y"] == len(first)


def test_precision_and_recall_by_hand() -> None:
    """Predicted 1, 1, 0, 0, 1 and actual 1, 0, 0, 1, 1: 2/3 and 2/3."""
    predicted = clv.segment(pd.Series([1.0] * 5), by=pd.Series(["1", "1", "0", "0", "1"]))
    found = predicted.assess(pd.Series(["1", "0", "0", "1", "1"]))
    assert found.table.loc["1", ["precision", "recall", "chance"]].tolist() == pytest.approx([2 / 3, 2 / 3, 0.6])
    assert found.confusion.loc["1"].to_dict() == {"0": 1, "1": 2}
    assert found.accuracy == 0.6
    assert found.chance_accuracy == pytest.approx(0.6 * 0.6 + 0.4 * 0.4)


def test_predicted_tiers_of_the_sample_are_better_than_chance(dates: dict[str, Any]) -> None:
    tiers = clv.segment(dates["then"])
    found = tiers.assess(dates["came"])
    assert found.confusion.to_numpy().sum() == len(dates["then"])
    assert found.table["predicted"].to_dict() == tiers.table["customers"].to_dict()
    assert found.table.loc["A", "lift"] > 1.5
    shuffled = pd.Series(dates["came"].sample(frac=1.0, random_state=2).to_numpy(), index=dates["came"].index)
    by_chance = tiers.assess(shuffled)
    error = np.sqrt(0.25 * 0.75 / len(dates["then"]))
    assert by_chance.accuracy == pytest.approx(by_chance.chance_accuracy, abs=ERRORS * error)
    assert "by chance" in found.summary()
    assert "<table" in found._repr_html_()
    extra = pd.concat([dates["came"], pd.Series([1e6] * 500, index=range(10**6, 10**6 + 500))])
    pd.testing.assert_frame_equal(tiers.assess(extra).confusion, found.confusion)  # others don't shift the tiers
    with pytest.raises(DataError, match="no row"):
        tiers.assess(dates["came"].head(100))
    with pytest.raises(ArgumentError, match="no scores and no risk"):
        clv.segment(dates["then"], by="value_risk").assess(dates["came"])
