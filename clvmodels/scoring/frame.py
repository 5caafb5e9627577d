"""The scores of customers of a fit as a frame: the arrays of `clvmodels.scoring.predicted`, in pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.scoring.predicted import Terms, known, predicted, staged, valued
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.value.checks import check_amounts
from clvmodels.value.next_purchase.gaps import last_gap
from clvmodels.value.next_purchase.stages import STAGES


def purchase_columns(purchases: PurchaseFit, customers: Customers, terms: Terms) -> pd.DataFrame:
    """What each customer did and will do; see `clvmodels.score`.

    Parameters
    ----------
    purchases : PurchaseFit
        A fit of a purchase model.
    customers : Customers
        Who are scored.
    terms : Terms
        What is asked.
    """
    table, unit, end = customers.table, customers.unit, customers.observation_end
    frequency, recency, T = (table[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
    found = predicted(purchases.population(customers), purchases.parameters, terms)
    columns: dict[str, Any] = {**known(frequency, recency, T, DAYS_PER_UNIT[unit], None), **found}
    if end is not None:
        since = known(frequency, recency, T, DAYS_PER_UNIT[unit], 0)
        days = {name: since[name] for name in ("first_purchase", "last_purchase")}
        days["expected_next_purchase"] = columns["days_ahead"]
        columns |= {name: end + pd.to_timedelta(day, unit="D") for name, day in days.items()}
    columns |= staged(frequency, T - recency, found, terms.stages, unit, last_gap(purchases, customers))
    columns["stage"] = pd.Categorical.from_codes(columns["stage"], categories=pd.Index(STAGES))
    if "monetary_value" in table:
        columns["mean_spend"] = table["monetary_value"].to_numpy()
    return pd.DataFrame(columns, index=table.index).drop(columns=["silence", "days_ahead"])


def value_columns(purchases: PurchaseFit, spend: SpendFit, customers: Customers, terms: Terms) -> pd.DataFrame:
    """What each customer spends and is worth.

    Parameters
    ----------
    purchases, spend : Fit
        Of a purchase model and of a spend model.
    customers, terms
        As in `purchase_columns`.
    """
    check_amounts(customers)
    bought, spent = purchases.population(customers), spend.population(customers)
    columns = valued(bought, purchases.parameters, spent, spend.parameters, terms)
    table = pd.DataFrame(columns, index=customers.table.index)
    table.attrs = {
        "currency": spend.currency,
        "horizon": None if terms.for_life else terms.horizon,
        "counts_horizon": terms.horizon,
        "annual_discount_rate": terms.annual_discount_rate,
    }
    return table
