"""Scenario: what customers are worth as they are, and what they would be if something changed from now on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from clvmodels.arguments import finite, level, shortly
from clvmodels.arrays import Array
from clvmodels.decisions.potential.changes import Changes
from clvmodels.decisions.potential.effects import Change
from clvmodels.decisions.potential.product import Products, expected_profit
from clvmodels.decisions.potential.scenario_bounds import ScenarioBounds, scenario_bounds
from clvmodels.decisions.potential.scenario_result import Scenario
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.structure import Who
from clvmodels.signatures import checked
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import PerCustomer, each_customer
from clvmodels.value.of_purchases import purchase_valuation
from clvmodels.value.of_renewals import renewal_valuation
from clvmodels.value.valuation import Valuation

_DRAWS = 200


@checked
def scenario(
    fits: tuple[Any, Any],
    customers: Who = None,
    *,
    purchase_rate: Change = 0.0,
    dropout: Change = 0.0,
    spend: Change = 0.0,
    product: Products | None = None,
    cost: PerCustomer | None = None,
    source: Literal["assumed", "tested"] = "assumed",
    horizon: Span | None,
    annual_discount_rate: float,
    margin: PerCustomer | Mapping[str, PerCustomer] = 1.0,
    cost_per_purchase: PerCustomer = 0.0,
    retention_cost_per_year: PerCustomer = 0.0,
    acquisition_cost: float | None = None,
    interval: float | None = None,
) -> Scenario:
    """Value of customers now, and under an activity that changes what they do from now on.

    Only the future changes: each customer's history, and what it says of being alive and of the own rates, stays. Where
    purchases bring the risk of leaving a faster rate is a faster clock, so that part of the gain wears off; a change of
    dropout is taken within the mean over customers, who differ in it. Of new customers (``customers="new"``) the
    activity begins right after the first purchase, whose amount changes with ``spend``.

    Parameters
    ----------
    fits : tuple of two
        A purchase model and a spend model; of subscriptions a model of renewals and the price a period.
    customers : Customers, Subscriptions, "new" or None
        Whom; None means those that the model was fitted to.
    purchase_rate, dropout, spend : float or (float, float), default 0
        Shares by which each customer's rate of purchase, probability of leaving and spend a purchase change: 0.10 is
        10 % more, -0.20 a fifth less; or mean and standard deviation, which then enter the range.
    product : float, Series, sequence or dict, optional
        Expected profit of further products in the horizon, a number or one a customer; or by product (probability that
        a customer buys it, profit), each a number or one a customer.
    cost : float, pandas.Series or sequence, optional
        What the activity costs a customer, today.
    source : {"assumed", "tested"}, default "assumed"
        Where the changes are from; said beside every number.
    horizon : float, str or None
        A number of the model's units or a span such as "1Y"; None means for life.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin, cost_per_purchase, retention_cost_per_year : float, pandas.Series, sequence or dict
        Share of the spend that is earned, what serving a purchase (or a period) costs, and what keeping a customer
        costs a year while alive; a number, or one a customer. A margin that the activity changes is a dict:
        ``{"now": 0.30, "then": 0.27}`` for a discount.
    acquisition_cost : float or None
        What winning a new customer costs; with ``customers="new"`` only.
    interval : float or None
        Level of ranges, such as 0.90, over 200 paired draws of parameters and changes. They hold what is not known of
        both, not the chance in what each customer does.

    Returns
    -------
    Scenario
        ``table`` one row a customer, ``total``, ``steps``, ``summary()`` and ``plot()``.

    Raises
    ------
    ArgumentError
        Nothing changes, a share would leave nothing, or an option has no meaning.
    DataError
        A margin, cost or product is missing for some customers.
    UnsupportedPrediction
        The fits are of other kinds, or can't say what a change does.

    See Also
    --------
    target : Whom to choose for which activity under a budget.

    Examples
    --------
    >>> import clvmodels as clv
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> table = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]}, index=["A"])
    >>> scenario = clv.scenario((purchases, spend), clv.Customers.from_frame(table, unit="week"), purchase_rate=0.10,
    ...                         dropout=-0.20, cost=0.50, horizon=39, annual_discount_rate=0.0, margin=0.30)
    >>> scenario.table.round(2).to_dict("records")
    [{'value_now': 12.95, 'value_then': 14.51, 'gap': 1.56, 'cost': 0.5, 'net': 1.06}]
    >>> print(scenario.summary())
    1 customer is worth 12.95 over the next 39 weeks as they are, and 14.51 with the activity: 1.56 more (+12 %).
    Assumed, not measured: purchase rate +10 %, dropout −20 %.
    The activity costs 0.50 and returns 212 % on that; it pays as long as it costs less than 1.56.
    """
    changes = Changes.of(purchase_rate, dropout, spend)
    if source not in ("assumed", "tested"):
        raise ArgumentError(f'source must be "assumed" or "tested", not {shortly(source)}.')
    margin_now, margin_then = _margins(margin)
    if not changes.named and product is None and margin_then is None:
        raise ArgumentError("Nothing changes: pass purchase_rate, dropout, spend, another margin or product.")
    asked = Conditions(
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin_now,
        cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=retention_cost_per_year,
        acquisition_cost=acquisition_cost,
        until_renewal=0.0,
        risk_horizon="1Y",
        interval=None if interval is None else level("interval", interval),
        predictive=False,
    )
    valuation = _valuation(fits, customers, asked)
    changes = changes.with_margin(valuation, margin_then)
    more = expected_profit(product, valuation.population.ids)
    bounds = None
    if asked.interval is not None:
        bounds = _bounds(valuation, changes, more, asked.interval)
    table = _table(valuation, changes, more, cost, bounds)
    return Scenario(
        table=table,
        total=_total(table, valuation, bounds, asked.interval),
        steps=_steps(valuation, changes, more),
        changes=changes.named,
        source=source,
        horizon=horizon,
        unit=fits[0].unit,
        interval=asked.interval,
        currency=valuation.currency,
        new=isinstance(customers, str),
    )


# --- private helpers --------------------------------------------------------------------------------------------------


def _margins(margin: PerCustomer | Mapping[str, PerCustomer]) -> tuple[PerCustomer, PerCustomer | None]:
    """That of now, and that which replaces it."""
    if not isinstance(margin, Mapping):
        return margin, None
    if set(margin) != {"now", "then"}:
        raise ArgumentError(f'A dict of margins is such as {{"now": 0.30, "then": 0.27}}, not {shortly(margin)}.')
    return margin["now"], margin["then"]


def _valuation(fits: Any, customers: Who, asked: Conditions) -> Valuation:
    """What the value of the customers as they are is made of."""
    if not isinstance(fits, tuple | list) or len(fits) != 2:
        raise ArgumentError(
            "fits must be a pair: a fit of purchases and one of spend, or one of renewals and the price a period, not "
            f"{shortly(fits)}."
        )
    finite("annual_discount_rate", asked.annual_discount_rate, "a rate above -1, such as 0.10", -1.0)
    value = renewal_valuation if isinstance(fits[0], RenewalPredictions) else purchase_valuation
    return value(fits[0], fits[1], customers, asked)


def _bounds(valuation: Valuation, changes: Changes, more: Array, interval: float) -> ScenarioBounds:
    """Over paired draws of parameters and changes."""
    draws = valuation.draws()[:_DRAWS]
    return scenario_bounds(valuation, changes.terms_at_draws(valuation, len(draws), seed=0), draws, more, interval)


def _points(valuation: Valuation, changes: Changes) -> Array:
    """Value of each customer under changes as they are expected."""
    return changes.terms(valuation).point(valuation.population, valuation.parameters)


def _table(
    valuation: Valuation, changes: Changes, more: Array, cost: PerCustomer | None, bounds: ScenarioBounds | None
) -> pd.DataFrame:
    """One row a customer."""
    ids = valuation.population.ids
    now, then = _points(valuation, changes.first(())), _points(valuation, changes) + more
    table = pd.DataFrame({"value_now": now, "value_then": then, "gap": then - now}, index=ids)
    if bounds is not None:
        for name in bounds.lower:
            place = int(table.columns.get_loc(name))  # type: ignore[arg-type]
            table.insert(place + 1, f"{name}_lower", bounds.lower[name])
            table.insert(place + 2, f"{name}_upper", bounds.upper[name])
    if cost is not None:
        spent = each_customer(cost, ids, "cost")
        table["cost"], table["net"] = spent, table["gap"] - spent
    return table


def _total(
    table: pd.DataFrame, valuation: Valuation, bounds: ScenarioBounds | None, interval: float | None
) -> pd.DataFrame:
    """Sums over customers: estimate and range, and the return on the cost."""
    counts = np.broadcast_to(valuation.population.counts, len(table))
    rows = {name: [float(counts @ table[name].to_numpy())] for name in ("value_now", "value_then", "gap")}
    draws = {} if bounds is None else dict(bounds.totals)
    if "cost" in table:
        spent = float(counts @ table["cost"].to_numpy())
        rows["cost"] = [spent]
        rows["net"] = [rows["gap"][0] - spent]
        rows["return"] = [rows["net"][0] / spent if spent > 0.0 else np.nan]
        if draws:
            draws |= {"cost": np.full(1, spent), "net": draws["gap"] - spent}
            draws["return"] = draws["net"] / spent if spent > 0.0 else np.full(1, np.nan)
    total = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate"])
    if interval is not None:
        tail = (1.0 - interval) / 2.0
        total["lower"] = [float(np.quantile(draws[name], tail)) for name in rows]
        total["upper"] = [float(np.quantile(draws[name], 1.0 - tail)) for name in rows]
    return total


def _steps(valuation: Valuation, changes: Changes, more: Array) -> pd.DataFrame:
    """The way from the value now to that then: each change on top of those before, so that the steps add up."""
    counts = np.broadcast_to(valuation.population.counts, len(valuation.population.ids))
    names = list(changes.named)
    values = [float(counts @ _points(valuation, changes.first(names[:n]))) for n in range(len(names) + 1)]
    steps = dict(zip(["now", *names], [values[0], *np.diff(values).tolist()], strict=True))
    if np.any(more):
        steps["product"] = float(counts @ more)
    return pd.DataFrame({"value": pd.Series(steps), "until": np.cumsum(list(steps.values()))})
