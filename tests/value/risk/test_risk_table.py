"""Risk tables: numbers by hand, simulation, intervals, and what has no column or is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from tests.reference.tolerances import PREDICTION, ROUNDING, STANDARD_ERRORS

PURCHASES = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
SPEND = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
SBG = clv.predictions("sbg", {"alpha": 0.704, "beta": 1.182}, unit="month")
TO_THREE_DIGITS = 5e-4
SIMULATED = 4e-3  # the published number comes from a simulation

RISKS = {"attrition_risk", "value_at_risk", "value_lost_to_attrition", "lifetime_value"}
CREDIT = {"default_probability", "exposure", "expected_loss", "value_after_credit_loss"}


def customers(ids: Any = ("ann", "bob", "cid")) -> clv.Customers:
    table = {"frequency": [2, 0, 7], "recency": [30.43, 0.0, 35.0], "T": 38.86, "monetary_value": [35.0, 0.0, 60.0]}
    return clv.Customers.from_frame(pd.DataFrame(table, index=list(ids)), unit="week")


def risks(**options: Any) -> clv.RiskTable:
    asked = {"horizon": 39, "annual_discount_rate": 0.0, "margin": 1.0} | options
    return clv.risk_table(PURCHASES, SPEND, customers(), **asked)


def test_customer_a_of_the_methods() -> None:
    """E[X] 1.226, risk .4454, where a purchase earns 1: products .546 and .9846 (simulated .982)."""
    a_purchase = 1.0 / SPEND.expected_spend(customers())
    ann = risks(margin=a_purchase).table.loc["ann"]
    assert ann["lifetime_value"] == pytest.approx(1.226, abs=TO_THREE_DIGITS)
    assert ann["attrition_risk"] == pytest.approx(0.4454, abs=TO_THREE_DIGITS)
    assert ann["value_at_risk"] == pytest.approx(0.546, abs=TO_THREE_DIGITS)
    assert ann["value_lost_to_attrition"] == pytest.approx(1.226 * 0.4454 / (1.0 - 0.4454), abs=2 * TO_THREE_DIGITS)
    assert ann["value_lost_to_attrition"] == pytest.approx(0.982, abs=SIMULATED)


def test_what_attrition_takes_is_the_value_of_those_who_buy_less_that_of_all() -> None:
    """Customer A simulated from its posterior: E[X | X > 0] - E[X], and P(X = 0)."""
    rng, n = np.random.default_rng(5), 200_000
    one = customers()[["ann"]]
    rows = PURCHASES.population(one).take(np.zeros(n, dtype=np.intp))
    alive = rng.random(n) < float(PURCHASES.probability_alive(one).iloc[0])
    bought = rows.simulate_future(rng, PURCHASES.parameters, 39.0) * alive
    buyers = bought > 0
    a_purchase = 1.0 / SPEND.expected_spend(customers())
    found = risks(margin=a_purchase).table.loc["ann"]
    error = bought[buyers].std() / np.sqrt(buyers.sum())
    taken = bought[buyers].mean() - found["lifetime_value"]
    assert found["value_lost_to_attrition"] == pytest.approx(taken, abs=STANDARD_ERRORS * error)
    share = np.sqrt(0.25 / n)
    assert found["attrition_risk"] == pytest.approx(1.0 - buyers.mean(), abs=STANDARD_ERRORS * share)


def test_expected_loss_by_hand() -> None:
    loss = clv.CreditLoss(default_probability=0.1, loss_given_default=0.5, share_on_credit=0.8)
    found = risks(credit_loss=loss, open_amount=[100.0, 0.0, 20.0], margin=0.3)
    spend, comes = SPEND.expected_spend(customers()), PURCHASES.purchase_probability(39, customers())
    exposure = np.array([100.0, 0.0, 20.0]) + 0.8 * spend * comes
    assert found.table["exposure"].to_numpy() == pytest.approx(exposure.to_numpy(), rel=PREDICTION)
    assert found.table["expected_loss"].to_numpy() == pytest.approx(0.05 * exposure.to_numpy(), rel=PREDICTION)
    after = clv.lifetime_value(
        PURCHASES, SPEND, customers(), horizon=39, annual_discount_rate=0.0, margin=0.3, credit_loss=loss
    )["lifetime_value"]  # fmt: skip
    assert found.table["value_after_credit_loss"].to_numpy() == pytest.approx(after.to_numpy(), rel=PREDICTION)
    assert found.total.loc["expected_loss", "estimate"] == pytest.approx(0.05 * exposure.sum(), rel=PREDICTION)
    assert found.assumptions["loss_given_default"] == 0.5
    assert "50% of an unpaid invoice" in found.summary()


def test_discounted_expected_loss_of_purchases_is_simulated() -> None:
    """The time to the next purchase by inversion of F(t) = P(alive) (1 - ((α+T)/(α+T+t))^(r+x)); then 120 days."""
    loss, rate, n = clv.CreditLoss(default_probability=0.3, loss_given_default=0.6), 0.5, 400_000
    found = risks(credit_loss=loss, open_amount=50.0, annual_discount_rate=rate).table.loc["ann"]
    rng, weekly = np.random.default_rng(2), np.log1p(rate) * 7 / 365.25
    alive = float(PURCHASES.probability_alive(customers())["ann"])
    t = (4.414 + 38.86) * ((1.0 - rng.random(n)) ** (-1.0 / 2.243) - 1.0)
    spend = float(SPEND.expected_spend(customers())["ann"])
    comes = (rng.random(n) < alive) & (t < 39.0)
    to_come = comes * spend * (rng.random(n) < 0.3) * np.exp(-weekly * (t + 120 / 7))
    opened = 50.0 * (rng.random(n) < 0.3) * np.exp(-weekly * 90 / 7)
    lost = 0.6 * (to_come + opened)
    error = lost.std() / np.sqrt(n)
    assert found["expected_loss"] == pytest.approx(lost.mean(), abs=STANDARD_ERRORS * error)
    assert error < 0.01 * found["expected_loss"]


def months() -> clv.Subscriptions:
    return clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")


def test_expected_loss_of_subscribers_is_simulated() -> None:
    """Renewal with 1 - p, p ~ Beta(α, β + 3); an invoice unpaid with q ~ Beta(a + k, b + n - k)."""
    payments = clv.Payments.from_counts(
        pd.DataFrame({"n": [9, 20], "k": [1, 6], "due": [50.0, 0.0]}, index=["May", "June"]),
        n="n", k="k", open_amount="due",
    )  # fmt: skip
    of_payments = replace(clv.predictions("beta-binomial", {"a": 1.0, "b": 19.0}), customers=payments)
    loss = clv.CreditLoss(default_probability=of_payments, loss_given_default=0.9)
    found = clv.risk_table(SBG, 20.0, months(), horizon=6, annual_discount_rate=0.5, credit_loss=loss)
    rng, n, daily = np.random.default_rng(4), 400_000, np.log(1.5) / 365.25
    stays = rng.random(n) < 1.0 - rng.beta(0.704, 1.182 + 3, n)
    q = rng.beta(2.0, 27.0, n)
    lost = 0.9 * (50.0 * (rng.random(n) < q) * np.exp(-90 * daily))
    lost += 0.9 * 20.0 * stays * (rng.random(n) < q) * np.exp(-120 * daily)
    error = lost.std() / np.sqrt(n)
    assert found.table.loc["May", "expected_loss"] == pytest.approx(lost.mean(), abs=STANDARD_ERRORS * error)
    assert found.table.loc["May", "default_probability"] == pytest.approx(2 / 29, rel=ROUNDING)


def test_subscribers_cancel() -> None:
    found = clv.risk_table(SBG, 20.0, months(), horizon=6, annual_discount_rate=0.1)
    assert set(found.table) == {"cancellation_risk"} | (RISKS - {"attrition_risk"})
    risk = 1.0 - SBG.survival(6, months())
    assert found.table["cancellation_risk"].to_numpy() == pytest.approx(risk.to_numpy(), rel=PREDICTION)
    value = clv.lifetime_value(SBG, 20.0, months(), horizon=6, annual_discount_rate=0.1)["lifetime_value"]
    renews = SBG.retention(months())  # who doesn't renew next is worth nothing
    assert found.table["value_lost_to_attrition"].to_numpy() == pytest.approx(
        (value / renews - value).to_numpy(), rel=PREDICTION
    )
    members = np.array([344, 374])
    assert found.total.loc["lifetime_value", "estimate"] == pytest.approx(float(value @ members), rel=PREDICTION)
    assert "expected to cancel" in found.summary()


def test_subscribers_who_are_stopped_are_worth_less() -> None:
    kept, stopped = (
        clv.risk_table(
            SBG, 20.0, months(), horizon=12, annual_discount_rate=0.1, margin=0.5,
            credit_loss=clv.CreditLoss(default_probability=0.1, loss_given_default=0.9, after_default=after),
        ).table
        for after in ("kept", "stopped")
    )  # fmt: skip
    assert (stopped["value_after_credit_loss"] < kept["value_after_credit_loss"]).all()
    pd.testing.assert_series_equal(stopped["lifetime_value"], kept["lifetime_value"])


def test_what_does_not_apply_is_absent() -> None:
    assert set(clv.risk_table(PURCHASES, customers=customers(), annual_discount_rate=0.1).table) == {"attrition_risk"}
    assert set(risks().table) == RISKS
    assert set(risks(credit_loss=clv.CreditLoss.of(0.1)).table) == RISKS | CREDIT
    # someone who costs something while alive is not worth 0 without a purchase
    assert set(risks(retention_cost_per_year=1.0).table) == RISKS - {"value_lost_to_attrition"}
    ids = pd.Series({"ann": 0.1, "bob": 0.2})
    alone = clv.risk_table(
        credit_loss=clv.CreditLoss(default_probability=ids, loss_given_default=0.5),
        open_amount=pd.Series({"bob": 10.0, "ann": 100.0}), annual_discount_rate=0.0,
    )  # fmt: skip
    assert alone.table["expected_loss"].to_dict() == pytest.approx({"ann": 5.0, "bob": 1.0}, rel=ROUNDING)
    assert set(alone.table) == CREDIT - {"value_after_credit_loss"}
    with pytest.raises(DataError, match="no value at risk"):
        alone.plot()


def test_who_costs_more_than_is_earned_has_nothing_at_risk() -> None:
    found = risks(margin=0.1, cost_per_purchase=[0.0, 100.0, 0.0]).table
    assert found.loc["bob", "lifetime_value"] < 0.0
    assert found.loc["bob", ["value_at_risk", "value_lost_to_attrition"]].tolist() == [0.0, 0.0]


def test_the_risk_of_switching_stands_beside_the_others() -> None:
    choices = pd.DataFrame(
        {
            "id": np.repeat(np.arange(40), 3),
            "day": pd.date_range("2024-01-01", periods=120),
            "brand": ["o", "o", "t"] * 40,
        }
    )
    switching = clv.Switching.from_choices(choices, customer="id", date="day", state="brand")
    last = pd.Series({"cid": "o", "ann": "t", "bob": "o"})
    found = clv.switching_risk(switching, last, own="o", interval=0.9)
    matrix = switching.matrix()
    assert found["switching_risk"].to_dict() == pytest.approx(
        {"cid": matrix.loc["o", "t"], "ann": matrix.loc["t", "t"], "bob": matrix.loc["o", "t"]}, rel=ROUNDING
    )
    assert (found["switching_risk_lower"] < found["switching_risk"]).all()
    assert (found["switching_risk"] < found["switching_risk_upper"]).all()
    table = risks(switching_risk=found).table
    assert table["switching_risk"].to_dict() == found["switching_risk"].to_dict()
    assert list(table.columns[:2]) == ["attrition_risk", "switching_risk"]
    with pytest.raises(DataError, match="one row for each customer"):
        risks(switching_risk=found.iloc[1:])
    with pytest.raises(DataError, match="from 0 to 1"):
        risks(switching_risk=found["switching_risk"] + 1.0)
    with pytest.raises(ArgumentError, match=r"clvmodels\.switching_risk"):
        risks(switching_risk=0.5)
    with pytest.raises(DataError, match="none of"):
        clv.switching_risk(switching, pd.Series({"ann": "x"}), own="o")
    with pytest.raises(ArgumentError, match="own must be"):
        clv.switching_risk(switching, last, own="x")


def test_intervals_agree_with_those_of_each_prediction(
    cdnow: clv.Customers, cdnow_bgnbd: clv.Fit, cdnow_spend: clv.Fit
) -> None:
    few = cdnow[cdnow.table.index[:40]]
    found = clv.risk_table(
        cdnow_bgnbd, cdnow_spend, few, horizon="39W", annual_discount_rate=0.1, margin=0.3, interval=0.9,
        credit_loss=clv.CreditLoss(default_probability=0.05, loss_given_default=0.9),
    )  # fmt: skip
    for name in ("lifetime_value", "value_at_risk", "value_lost_to_attrition", "attrition_risk", "expected_loss"):
        assert (found.table[f"{name}_lower"] <= found.table[f"{name}_upper"]).all()
        assert (found.table[name] >= found.table[f"{name}_lower"]).mean() > 0.9
        assert (found.table[name] <= found.table[f"{name}_upper"]).mean() > 0.9
    stays = cdnow_bgnbd.purchase_probability("39W", few, interval=0.9)
    width = stays["purchase_probability_upper"] - stays["purchase_probability_lower"]
    ours = found.table["attrition_risk_upper"] - found.table["attrition_risk_lower"]
    # of 200 draws the width of a 90 % interval is known to about a tenth, and all customers see the same draws
    assert float((ours / width).median()) == pytest.approx(1.0, abs=0.2)
    total = found.total.loc["lifetime_value"]
    assert total["lower"] < total["estimate"] < total["upper"]
    assert "90 % range" in found.summary()


def test_intervals_of_payments_alone() -> None:
    table = pd.DataFrame({"n": 8, "k": [0] * 22 + [1] * 5 + [3, 4, 6], "due": 10.0})
    fit = clv.fit(clv.Payments.from_counts(table, n="n", k="k", open_amount="due"), "beta-binomial")
    loss = clv.CreditLoss(default_probability=fit, loss_given_default=0.5)
    found = clv.risk_table(credit_loss=loss, annual_discount_rate=0.0, interval=0.9)
    known = fit.default_probability(interval=0.9)
    ours = found.table["default_probability_upper"] - found.table["default_probability_lower"]
    theirs = known["default_probability_upper"] - known["default_probability_lower"]
    assert float((ours / theirs).median()) == pytest.approx(1.0, abs=0.2)  # 200 draws, as above
    assert found.table["expected_loss"].to_numpy() == pytest.approx(
        5.0 * known["default_probability"].to_numpy(), rel=ROUNDING
    )


def test_it_says_what_it_is_and_draws_itself() -> None:
    found = risks(credit_loss=clv.CreditLoss.of(0.02))
    assert "not the quantile of losses that finance calls so" in found.summary()
    assert "<table" in found._repr_html_()
    assert "ann" in repr(found)
    ax = found.plot()
    assert "value at risk" in ax.get_title(loc="left")
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"horizon": None}, ArgumentError, "must have an end"),
        ({"horizon": -1}, ArgumentError, "horizon"),
        ({"horizon": "soon"}, ArgumentError, "horizon"),
        ({"annual_discount_rate": float("nan")}, ArgumentError, "annual_discount_rate"),
        ({"credit_loss": 0.1}, ArgumentError, "CreditLoss"),
        ({"credit_loss": clv.CreditLoss.of(0.1), "open_amount": -1.0}, DataError, "0 or more"),
        ({"credit_loss": clv.CreditLoss.of(0.1), "open_amount": "much"}, ArgumentError, "number"),
        ({"credit_loss": clv.CreditLoss.of(0.1), "payment_term": "soon"}, ArgumentError, "payment_term"),
        ({"credit_loss": clv.CreditLoss.of(0.1), "default_after": -3.0}, ArgumentError, "default_after"),
        ({"interval": 1.5}, ArgumentError, "interval"),
        ({"interval": 0.9}, UnsupportedPrediction, "no uncertainty"),
        ({"margin": [0.1]}, DataError, "shape"),
    ],
)
def test_what_is_refused(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        risks(**options)


def test_what_can_not_be_asked() -> None:
    with pytest.raises(ArgumentError, match="nothing to make a risk table of"):
        clv.risk_table(annual_discount_rate=0.1)
    with pytest.raises(UnsupportedPrediction, match="purchases must be"):
        clv.risk_table(SPEND, annual_discount_rate=0.1)
    with pytest.raises(ArgumentError, match="that are there"):
        clv.risk_table(PURCHASES, customers="new", annual_discount_rate=0.1)
    with pytest.raises(ArgumentError, match="Whose risks"):
        clv.risk_table(credit_loss=clv.CreditLoss.of(0.1), annual_discount_rate=0.1)
    with pytest.raises(ArgumentError, match="goes with purchases"):
        clv.risk_table(None, SPEND, credit_loss=clv.CreditLoss.of(0.1), annual_discount_rate=0.1)
