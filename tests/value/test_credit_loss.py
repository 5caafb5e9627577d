"""Credit loss in the flows: numbers of the paper's example, simulation, sums customer by customer, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from clvmodels.value.credit_terms import credit_terms
from tests.reference.tolerances import ROUNDING, STANDARD_ERRORS

ALIKE = 1e9  # alpha + beta: customers so alike that each renews with the same probability
TO_A_CENT = 5e-3
INTERPOLATED = 1e-6  # of a value, where rates differ between more customers than nodes

RENEWALS = clv.predictions("sbg", {"alpha": 0.2 * ALIKE, "beta": 0.8 * ALIKE}, unit="month")
RATE = 0.99**-12 - 1.0  # a factor of .99 a month
SBG = clv.predictions("sbg", {"alpha": 0.704, "beta": 1.182}, unit="month")
PURCHASES = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
SPEND = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})


def customers(n: int = 3) -> clv.Customers:
    table = {"frequency": [2, 0, 7][:n], "recency": [30.43, 0.0, 35.0][:n], "T": 38.86}
    frame = pd.DataFrame(table | {"monetary_value": [20.0, 0.0, 60.0][:n]}, index=["ann", "bob", "cid"][:n])
    return clv.Customers.from_frame(frame, unit="week")


def contract(after_default: Any, default_probability: float = 0.07) -> float:
    loss = clv.CreditLoss(default_probability=default_probability, loss_given_default=0.9, after_default=after_default)
    options = {"horizon": None, "annual_discount_rate": RATE, "margin": 0.3}
    return float(clv.lifetime_value(RENEWALS, 100.0, "new", **options, credit_loss=loss)["lifetime_value"].iloc[0])


@pytest.mark.parametrize(("after_default", "expected"), [("kept", 113.94), ("stopped", 89.96)])
def test_a_contract_of_100_a_period(after_default: str, expected: float) -> None:
    """Margin .3, PD .07, LGD .9, retention .8, a factor of .99: (.3 - .063) 100 / (1 - .8 · .99 [· .93])."""
    assert contract(after_default) == pytest.approx(expected, abs=TO_A_CENT)
    assert contract(after_default, 0.0) == pytest.approx(30.0 / (1.0 - 0.8 * 0.99), abs=TO_A_CENT)


@pytest.mark.parametrize("after_default", ["kept", "stopped"])
def test_simulated_contracts(after_default: str) -> None:
    rng, n = np.random.default_rng(3), 200_000
    value, there = np.zeros(n), np.ones(n, dtype=bool)
    for period in range(60):
        unpaid = rng.random(n) < 0.07
        value += there * 0.99**period * (30.0 - 90.0 * unpaid)
        there &= (rng.random(n) < 0.8) & ~(unpaid & (after_default == "stopped"))
    error = value.std() / np.sqrt(n)
    assert contract(after_default) == pytest.approx(value.mean(), abs=STANDARD_ERRORS * error)


def test_of_subscribers_the_next_payment_may_be_the_last() -> None:
    """Σ_t γ^t (1 - PD)^t S(n + 1 + t) / S(n), plainly, less half a period to the renewal."""
    months = clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")
    options = {"horizon": 24, "annual_discount_rate": RATE, "margin": 0.3, "until_renewal": 0.5}
    probability = pd.Series({"June": 0.2, "May": 0.05})
    loss = clv.CreditLoss(default_probability=probability, loss_given_default=0.5, after_default="stopped")
    found = clv.lifetime_value(SBG, 20.0, months, **options, credit_loss=loss)
    for who, made in {"May": 3, "June": 2}.items():
        p = probability[who]
        retention = [1.0 - 0.704 / (0.704 + 1.182 + made + t) for t in range(24)]
        periods = (np.cumprod(retention) * (0.99 * (1.0 - p)) ** np.arange(24)).sum()
        expected = 20.0 * (0.3 - 0.5 * p) * periods * 0.99**0.5
        assert found.loc[who, "lifetime_value"] == pytest.approx(expected, rel=ROUNDING)
    assert found["credit_loss"].to_dict() == {"May": 0.025, "June": 0.1}


def test_probabilities_of_many_customers_are_read_off_as_well_as_those_of_few() -> None:
    n = 120
    frame = pd.DataFrame({"start": ["2023-01-15", "2022-05-31"] * (n // 2), "end": None})
    terms = clv.Subscriptions.from_frame(frame, start="start", end="end", observation_end="2023-12-31", unit="month")
    probability = np.linspace(0.0, 0.5, n)
    options = {"horizon": None, "annual_discount_rate": 0.10, "margin": 0.5}

    def value(each: np.ndarray) -> np.ndarray:
        loss = clv.CreditLoss(default_probability=each, loss_given_default=0.5, after_default="stopped")
        return clv.lifetime_value(SBG, 20.0, terms, **options, credit_loss=loss)["lifetime_value"].to_numpy()

    together = value(probability)
    for place in (0, 1, 57, n - 1):
        alone = value(np.full(n, probability[place]))[place]
        assert together[place] == pytest.approx(alone, rel=INTERPOLATED)


def test_the_invoice_is_lost_and_not_the_margin() -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "cost_per_purchase": 1.0}
    loss = clv.CreditLoss(default_probability=0.1, loss_given_default=0.9, share_on_credit=0.5)
    with_loss = clv.lifetime_value(PURCHASES, SPEND, customers(), **options, margin=0.3, credit_loss=loss)
    thinner = clv.lifetime_value(PURCHASES, SPEND, customers(), **options, margin=0.3 - 0.045)
    assert with_loss["lifetime_value"].to_numpy() == pytest.approx(thinner["lifetime_value"].to_numpy(), rel=ROUNDING)
    assert with_loss.attrs["credit_loss"] == {
        "default_probability": 0.1, "loss_given_default": 0.9, "share_on_credit": 0.5, "after_default": "kept"
    }  # fmt: skip
    assert "credit_loss" not in thinner
    assert "credit_loss" not in thinner.attrs


def test_where_bad_payers_are_good_customers_the_mean_probability_is_wrong() -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3}
    probability = pd.Series({"cid": 0.30, "ann": 0.05, "bob": 0.01})
    each = clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=probability)["lifetime_value"]
    mean = clv.lifetime_value(
        PURCHASES, SPEND, customers(), **options, credit_loss=float(probability.mean())
    )["lifetime_value"]  # fmt: skip
    plain = clv.lifetime_value(PURCHASES, SPEND, customers(), **options)["lifetime_value"]
    assert each.to_numpy() == pytest.approx(plain * (0.3 - probability[plain.index]) / 0.3, rel=ROUNDING)
    assert each.sum() < 0.5 * mean.sum()


@pytest.fixture(scope="module")
def payments() -> clv.Fit:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 12, 400)
    table = pd.DataFrame({"n": n, "k": rng.binomial(n, rng.beta(1.0, 19.0, 400))})
    table.index = pd.Index(["ann", "cid", *(f"c{place}" for place in range(398))])
    return clv.fit(clv.Payments.from_counts(table, n="n", k="k"), "beta-binomial")


def test_probabilities_of_a_fit_of_payments(payments: clv.Fit) -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3}
    loss = clv.CreditLoss(default_probability=payments, loss_given_default=0.9)
    found = clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=loss)
    a, b = payments.parameters["a"], payments.parameters["b"]
    fitted = payments.default_probability()
    expected = [fitted["ann"], a / (a + b), fitted["cid"]]  # of bob, who has no invoice, the mean of the population
    assert found["credit_loss"].to_numpy() == pytest.approx(0.9 * np.array(expected), rel=ROUNDING)
    new = clv.lifetime_value(PURCHASES, SPEND, "new", **options, credit_loss=loss)
    assert float(new["credit_loss"].iloc[0]) == pytest.approx(0.9 * a / (a + b), rel=ROUNDING)
    assert found.attrs["credit_loss"]["default_probability"] == "beta-binomial"
    with pytest.raises(ArgumentError, match="loss_given_default"):
        clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=payments)


def test_intervals_hold_what_is_not_known_of_the_probabilities() -> None:
    table = pd.DataFrame({"n": 8, "k": [0] * 22 + [1] * 5 + [3, 4, 6]}, index=[f"c{place}" for place in range(30)])
    few = clv.fit(clv.Payments.from_counts(table, n="n", k="k"), "beta-binomial")
    survival = {"May": [900, 568, 421, 344], "June": [800, 505, 374]}
    renewals = clv.fit(clv.Subscriptions.from_survival(survival, unit="month"), "sbg")
    of_fit = clv.CreditLoss(default_probability=few, loss_given_default=0.9)
    options = {"horizon": 12, "annual_discount_rate": 0.1, "margin": 0.3, "interval": 0.9}
    unsure, sure = (
        clv.lifetime_value(renewals, 20.0, **options, credit_loss=loss)
        for loss in (of_fit, float(credit_terms(of_fit, pd.Index(["May"])).loss[0]))
    )
    assert unsure["lifetime_value"].to_numpy() == pytest.approx(sure["lifetime_value"].to_numpy(), rel=ROUNDING)
    width = [found["lifetime_value_upper"] - found["lifetime_value_lower"] for found in (unsure, sure)]
    # the mean PD of 30 customers moves .3 - .9 PD by much more than retention does, which thousands have shown
    assert (width[0] > 2.0 * width[1]).all()
    assert unsure["lifetime_value"].between(unsure["lifetime_value_lower"], unsure["lifetime_value_upper"]).all()


def test_forms_of_a_credit_loss() -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3}
    table = pd.DataFrame(
        {"customer_id": ["bob", "cid", "ann"], "default_probability": [0.1, 0.2, 0.3], "loss_given_default": 0.5}
    )
    by_hand = pd.Series({"ann": 0.15, "bob": 0.05, "cid": 0.10})
    for form in (table, table.set_index("customer_id"), pl.from_pandas(table), by_hand, by_hand.tolist()):
        found = clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=form)["credit_loss"]
        assert found.to_dict() == pytest.approx(by_hand.to_dict(), rel=ROUNDING)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan"), float("inf"), "much", [0.1, 0.2], {"a": 1}])
def test_what_is_no_share_is_refused(wrong: Any) -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3}
    for loss in (
        lambda: wrong,
        lambda: clv.CreditLoss(default_probability=wrong, loss_given_default=0.9),
        lambda: clv.CreditLoss(default_probability=0.1, loss_given_default=wrong),
        lambda: clv.CreditLoss(default_probability=0.1, loss_given_default=0.9, share_on_credit=wrong),
    ):
        with pytest.raises((ArgumentError, DataError), match=r"(?i)share|number|customers"):
            clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=loss())


def test_what_else_is_refused(payments: clv.Fit) -> None:
    options = {"horizon": "1Y", "annual_discount_rate": 0.1, "margin": 0.3}
    with pytest.raises(DataError, match="no value for 1 customers"):
        clv.lifetime_value(PURCHASES, SPEND, customers(), **options, credit_loss=pd.Series({"ann": 0.1, "bob": 0.1}))
    with pytest.raises(DataError, match="loss_given_default"):
        clv.lifetime_value(
            PURCHASES, SPEND, customers(), **options, credit_loss=pd.DataFrame({"default_probability": [0.1]})
        )
    with pytest.raises(ArgumentError, match="after_default"):
        clv.CreditLoss(default_probability=0.1, loss_given_default=0.9, after_default="forgiven")
    bare = clv.predictions("beta-binomial", {"a": 1.0, "b": 19.0})
    with pytest.raises(ArgumentError, match="carries no customers"):
        clv.lifetime_value(
            PURCHASES, SPEND, customers(), **options,
            credit_loss=clv.CreditLoss(default_probability=bare, loss_given_default=0.9),
        )  # fmt: skip
    with pytest.raises(UnsupportedPrediction, match="no uncertainty"):
        clv.lifetime_value(PURCHASES, SPEND, customers(), **options, interval=0.9, credit_loss=0.1)


def test_new_customers_pay_back_later_if_invoices_are_lost() -> None:
    options = {"acquisition_cost": 20.0, "horizon": "1Y", "annual_discount_rate": 0.10}
    lossy = clv.unit_economics(PURCHASES, SPEND, **options, margin=0.30, credit_loss=0.05).table
    thinner = clv.unit_economics(PURCHASES, SPEND, **options, margin=0.25).table
    pd.testing.assert_frame_equal(lossy, thinner)
