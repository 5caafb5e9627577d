"""Value, risk and next purchase of a million customers: each is to take less than a minute."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv

from . import simulate

CUSTOMERS = 1_000_000
PURCHASES = clv.predictions("bg/nbd", simulate.PURCHASES)
SPEND = clv.predictions("gamma-gamma", simulate.SPEND)
VALUE = {"horizon": "52W", "annual_discount_rate": 0.10, "margin": 0.30}


@lru_cache(maxsize=1)
def customers() -> clv.Customers:
    """A million histories of which no two are the same."""
    table = pd.DataFrame(simulate.histories_with_spend(CUSTOMERS, seed=9))
    table["invoices"] = np.random.default_rng(1).integers(0, 30, CUSTOMERS)
    return clv.Customers.from_frame(table, unit="week")


@lru_cache(maxsize=1)
def bought() -> clv.Customers:
    """A million customers with their purchases, some three each."""
    lines = pd.DataFrame(simulate.log(4 * CUSTOMERS))
    read = {"customer": "customer_id", "date": "date", "amount": "amount"}
    return clv.summarize(lines, **read, unit="week", keep_purchases=True)


@lru_cache(maxsize=1)
def loss() -> clv.CreditLoss:
    """Probabilities of default by a fit of payments of all of them."""
    n = customers().table.get("invoices", pd.Series(np.random.default_rng(1).integers(0, 30, CUSTOMERS)))
    k = np.random.default_rng(2).binomial(n, np.random.default_rng(3).beta(1.0, 19.0, CUSTOMERS))
    payments = clv.Payments.from_counts(pd.DataFrame({"n": n, "k": k}, index=customers().table.index), n="n", k="k")
    return clv.CreditLoss(default_probability=clv.fit(payments, "beta-binomial"), loss_given_default=0.9)


TASKS = {
    "value_per_customer": lambda: clv.value_per_customer(
        bought(), costs=clv.Costs(per_order=2.0, per_new_customer=5.0), period="quarter", interval=0.90
    ),
    "unit_economics": lambda: clv.unit_economics(clv.fit(bought(), "bg/nbd"), SPEND, acquisition_cost=9.0, **VALUE),
    "next_purchase": lambda: clv.next_purchase(PURCHASES, customers(), horizon="26W"),
    "risk_table": lambda: clv.risk_table(PURCHASES, SPEND, customers(), credit_loss=loss(), **VALUE),
    "lifetime_value, credit loss": lambda: clv.lifetime_value(
        PURCHASES, SPEND, customers(), credit_loss=loss(), **VALUE
    ),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_million(benchmark, task):
    customers(), loss(), bought()
    benchmark.group = f"of {CUSTOMERS:,} customers"
    benchmark.pedantic(TASKS[task], rounds=1)
