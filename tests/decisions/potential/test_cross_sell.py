"""Cross-sell: the worked number, simulated customers, few data, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit

import clvmodels as clv
from clvmodels.errors import ClvError

ERRORS = 4.0  # standard errors
PROFIT = {"loan": 20.0, "fund": 50.0, "house": 200.0}


def test_the_worked_number() -> None:
    """P .30, .10, .02 and profits 20, 50, 200: 15.0."""
    owned = pd.DataFrame({"loan": [0, 1], "fund": [0, 1], "house": [0, 1]}, index=["ann", "bob"])
    chance = pd.DataFrame({"loan": [0.30, 0.9], "fund": [0.10, 0.9], "house": [0.02, np.nan]}, index=["ann", "bob"])
    found = clv.cross_sell(owned, PROFIT, probability=chance)
    assert found.table["potential"].tolist() == pytest.approx([15.0, 0.0])
    assert found.table["best_product"].tolist() == ["loan", None]
    assert found.products["potential"].tolist() == pytest.approx([6.0, 5.0, 4.0])
    assert found.probability.loc["bob"].isna().all()
    assert found.source == "given"
    frame = pl.from_pandas(owned.rename_axis("customer_id").reset_index())
    pd.testing.assert_frame_equal(clv.cross_sell(frame, PROFIT, probability=chance).table, found.table)


@pytest.fixture(scope="module")
def bank() -> dict[str, Any]:
    """Owning a loan depends on the account and on income; later a fifth as many buy as own."""
    rng, n = np.random.default_rng(9), 4_000
    income, account = rng.normal(50.0, 15.0, n), (rng.random(n) < 0.6) * 1.0
    chance = expit(-1.5 + 1.2 * account + 0.04 * (income - 50.0))
    owned = pd.DataFrame({"account": account, "loan": (rng.random(n) < chance) * 1})
    owned["rare"] = (np.arange(n) < 8) * 1
    true = expit(np.log(chance / (1.0 - chance)) - 2.0)
    bought = pd.DataFrame({"loan": (rng.random(n) < true) * (1 - owned["loan"]), "rare": 0})
    features = pd.DataFrame(
        {"income": np.where(rng.random(n) < 0.05, np.nan, income), "town": rng.choice(["a", "b"], n)}
    )
    return {"owned": owned, "bought": bought, "features": features, "chance": chance, "true": true}


def test_owning_is_learned_out_of_fold(bank: dict[str, Any]) -> None:
    found = clv.cross_sell(bank["owned"], {"loan": 20.0}, features=bank["features"])
    free = (bank["owned"]["loan"] == 0).to_numpy()
    p = found.probability.loc[free, "loan"]
    assert np.corrcoef(p, bank["chance"][free])[0, 1] > 0.95
    # among those without it, whom chance has chosen, p is what it is among all with the same features
    assert p.mean() == pytest.approx(bank["chance"][free].mean(), abs=ERRORS * 0.5 / np.sqrt(len(p)))
    assert found.source == "owned"
    assert "not buying when offered" in found.summary()
    again = clv.cross_sell(bank["owned"], {"loan": 20.0}, features=bank["features"])
    pd.testing.assert_frame_equal(found.table, again.table)
    without = clv.cross_sell(bank["owned"], {"loan": 20.0}).probability["loan"]
    assert np.corrcoef(without[free], bank["chance"][free])[0, 1] < np.corrcoef(p, bank["chance"][free])[0, 1]


def test_what_was_bought_later_sets_the_level(bank: dict[str, Any]) -> None:
    found = clv.cross_sell(bank["owned"], {"loan": 20.0, "rare": 1e3}, features=bank["features"], bought=bank["bought"])
    free = (bank["owned"]["loan"] == 0).to_numpy()
    p = found.probability.loc[free, "loan"]
    rate = bank["bought"].loc[free, "loan"].mean()
    assert p.mean() == pytest.approx(rate, rel=1e-4)  # of a search: a regression with a level keeps the mean
    best = p >= p.quantile(0.8)
    error = np.sqrt(p[best].mean() / best.sum())
    assert bank["bought"].loc[p.index[best], "loan"].mean() == pytest.approx(p[best].mean(), abs=ERRORS * error)
    assert 0.0 < found.probability["rare"].mean() < 1e-3  # nobody bought it: half a buyer
    assert found.products.loc["rare", "owners"] == 8
    total = found.products["potential"].sum()
    assert found.table["potential"].sum() == pytest.approx(total)


def test_few_owners_are_pooled_by_the_set_of_other_products(bank: dict[str, Any]) -> None:
    owned = bank["owned"].copy()
    owned["rare"] = ((owned["account"] == 1) & (owned["loan"] == 1) & (owned.index % 100 == 0)) * 1
    assert 0 < owned["rare"].sum() < 20
    p = clv.cross_sell(owned, {"rare": 10.0}).probability["rare"]
    both = (owned["account"] == 1) & (owned["loan"] == 1)
    assert p.groupby([owned["account"], owned["loan"]]).nunique().max() == 1
    assert p[both].mean() > 2.0 * p[~both].mean()
    assert p[both].mean() < owned.loc[both, "rare"].mean() * 1.5
    alone = clv.cross_sell(owned[["rare"]], {"rare": 10.0}).probability["rare"]
    assert alone.nunique() == 1


def test_what_is_refused(bank: dict[str, Any]) -> None:
    owned = bank["owned"].head(100)
    chance = owned[["loan"]] * 0.0 + 0.5
    cases: list[tuple[Any, Any, dict[str, Any]]] = [
        (owned * 2, {"loan": 1.0}, {}),
        (owned.astype(str).replace("1", "x"), {"loan": 1.0}, {}),
        (owned.assign(loan=np.nan), {"loan": 1.0}, {}),
        (owned, {}, {}),
        (owned, {"car": 1.0}, {}),
        (owned, {"loan": np.inf}, {}),
        (owned, {"loan": "much"}, {}),
        (owned, {"loan": 1.0}, {"probability": chance * 3.0}),
        (owned, {"loan": 1.0}, {"probability": chance * np.nan}),
        (owned, {"loan": 1.0}, {"probability": chance.head(50)}),
        (owned, {"loan": 1.0}, {"bought": owned[["rare"]]}),
        (owned, {"loan": 1.0}, {"features": bank["features"].head(50)}),
        (owned, {"loan": 1.0}, {"seed": -1}),
        ("owned", {"loan": 1.0}, {}),
        (owned.head(0), {"loan": 1.0}, {}),
    ]
    for table, profit, options in cases:
        with pytest.raises(ClvError):
            clv.cross_sell(table, profit, **options)


def test_all_owned_and_losses() -> None:
    owned = pd.DataFrame({"a": [1, 0], "b": [1, 0]}, index=["x", "y"])
    chance = pd.DataFrame({"a": [0.5, 0.5], "b": [0.5, 0.5]}, index=["x", "y"])
    found = clv.cross_sell(owned, {"a": -4.0, "b": -2.0}, probability=chance)
    assert found.table["potential"].tolist() == [0.0, -3.0]
    assert found.table["best_product"].tolist() == [None, None]
    assert "<table" in found._repr_html_()
