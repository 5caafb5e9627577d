"""Share of wallet: simulated customers whose wallets are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import mean_pinball_loss

import clvmodels as clv
from clvmodels.errors import ClvError, DataError

LEVEL = 0.12  # of the mean wallet, which is as good as the quantile is
COVERED = 0.036  # share of 2,000 customers: four standard errors


@pytest.fixture(scope="module")
def firms() -> dict[str, Any]:
    """Wallets by staff and industry; true shares Beta(3, 1.2), so that the best quantile is .84."""
    rng, n = np.random.default_rng(12), 2_000
    staff, industry = rng.lognormal(3.0, 0.8, n), rng.choice(["steel", "paper", "food"], n)
    wallet = 6.0 * staff**0.9 * np.where(industry == "steel", 1.6, 1.0) * rng.lognormal(0.0, 0.1, n)
    features = pd.DataFrame({"staff": staff, "industry": industry, "noise": rng.normal(size=n)})
    return {"wallet": wallet, "spend": pd.Series(wallet * rng.beta(3.0, 1.2, n)), "features": features}


def test_wallets_are_found_in_order_and_level(firms: dict[str, Any]) -> None:
    found = clv.share_of_wallet(firms["spend"], firms["features"], quantile=0.84)
    wallet = found.table["wallet"]
    assert np.corrcoef(np.log(wallet), np.log(firms["wallet"]))[0, 1] > 0.9
    assert wallet.mean() == pytest.approx(firms["wallet"].mean(), rel=LEVEL)
    potential = np.maximum(firms["wallet"] - firms["spend"], 0.0)
    assert found.table["potential"].corr(potential, method="spearman") > 0.5
    lower = clv.share_of_wallet(firms["spend"], firms["features"], quantile=0.7).table["wallet"]
    assert (lower < wallet).mean() > 0.95
    assert lower.corr(wallet, method="spearman") > 0.95  # the level is an assumption, the order is not


def test_out_of_fold_the_quantile_holds(firms: dict[str, Any]) -> None:
    """Customers are no part of what their wallet is told by: as many as the quantile says spend less."""
    found = clv.share_of_wallet(firms["spend"], firms["features"], quantile=0.8)
    assert found.below == pytest.approx(0.8, abs=COVERED)
    plain = clv.share_of_wallet(firms["spend"], firms["features"][["noise"]], quantile=0.8)
    loss = [mean_pinball_loss(firms["spend"], one.table["wallet"], alpha=0.8) for one in (found, plain)]
    assert loss[0] < 0.7 * loss[1]
    again = clv.share_of_wallet(firms["spend"], firms["features"], quantile=0.8)
    pd.testing.assert_frame_equal(again.table, found.table)


def test_any_quantile_between_two_amounts_is_as_good() -> None:
    """Of 1, 2, 4, 8, 16 any number from 8 to 16 minimises the pinball loss of .8."""
    amounts = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    loss = {at: mean_pinball_loss(amounts, np.full(5, float(at)), alpha=0.8) for at in (7, 8, 12, 16, 17)}
    assert loss[8] == pytest.approx(loss[12]) == pytest.approx(loss[16])
    assert min(loss[7], loss[17]) > loss[12]
    spend, nothing = pd.Series(np.tile(amounts, 200)), pd.DataFrame({"same": np.ones(1_000)})
    wallet = clv.share_of_wallet(spend, nothing, quantile=0.8).table["wallet"]
    assert wallet.between(8.0 * (1.0 - 1e-9), 16.0 * (1.0 + 1e-9)).all()


def test_columns_add_up(firms: dict[str, Any]) -> None:
    spend = firms["spend"].head(400).copy()
    spend.iloc[:40] = 0.0
    features = firms["features"].head(400).assign(gap=np.nan, staff=lambda df: df["staff"].mask(df.index % 7 == 0))
    found = clv.share_of_wallet(spend, features.sample(frac=1.0, random_state=1))
    table = found.table
    assert np.isfinite(table.to_numpy()).all()
    assert (table["share_of_wallet"] == table["spend"] / table["wallet"]).all()
    assert (table["potential"] == np.maximum(table["wallet"] - table["spend"], 0.0)).all()
    assert (table["wallet"] > 0.0).all()
    assert (table["share_of_wallet"].head(40) == 0.0).all()
    assert "Assumed" in found.summary()
    assert "<table" in found._repr_html_()
    frame = pl.from_pandas(features.assign(customer_id=features.index))
    pd.testing.assert_frame_equal(clv.share_of_wallet(spend.rename_axis("customer_id"), frame).table, table)


def test_what_is_refused(firms: dict[str, Any]) -> None:
    spend, features = firms["spend"].head(60), firms["features"].head(60)
    for options in ({"quantile": 1.0}, {"quantile": "high"}, {"folds": 1}, {"folds": 2.5}, {"seed": -1}):
        with pytest.raises(ClvError):
            clv.share_of_wallet(spend, features, **options)
    wrong: list[tuple[Any, Any, str]] = [
        (-spend, features, "0 or more"),
        (spend * 0.0, features, "above 0 for somebody"),
        (spend.head(20), features, "at least 50"),
        (spend, features.head(30), "no row"),
        (spend, features[[]], "no columns"),
        (spend, features.assign(staff=np.inf), "infinite"),
        (firms["spend"], firms["features"].assign(name=[f"n{i}" for i in range(2_000)]), "levels"),
        (spend, "firms", "str"),
    ]
    for given, known, words in wrong:
        with pytest.raises(ClvError, match=words):
            clv.share_of_wallet(given, known)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, firms: dict[str, Any]) -> None:
    monkeypatch.setattr("clvmodels.decisions.potential.share_of_wallet.find_spec", lambda name: None)
    with pytest.raises(ClvError, match=r"clvmodels\[ml\]"):
        clv.share_of_wallet(firms["spend"], firms["features"])


def test_gaps_in_spend_are_an_error(firms: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="not finite"):
        clv.share_of_wallet(firms["spend"].mask(firms["spend"].index == 3), firms["features"])
