"""Cohorts with a history: what customers have earned since they were won and will still earn, beside what that cost."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import finite, shortly
from clvmodels.errors import ArgumentError
from clvmodels.inference.population.intervals import check_level
from clvmodels.transactions.checks.check import customers_before_the_log
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.read_only import read_only
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions
from clvmodels.value.economics.acquisition_costs import AcquisitionCost, cost_table
from clvmodels.value.economics.past_and_future import Cohorts, realised, residual, residual_draws
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FREQUENCY = {"month": "M", "quarter": "Q", "year": "Y"}


@read_only("table")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CohortEconomics:
    """What cohorts have earned and will earn for what they cost; `clvmodels.cohort_economics` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a cohort, by the period of the first purchase (``cohort``), all a customer and discounted to the first
        purchase: ``customers``, ``realised_margin`` (margin to date), ``residual_value`` (margin still to come),
        ``clv`` (the sum of both, before the cost of acquisition), ``cac``, ``net_value`` (clv - cac), ``clv_to_cac``,
        ``paid_back`` (whether the realised margin has reached the cost), ``marginal_cac`` where it is known; with an
        interval also ``_lower`` and ``_upper`` of clv and clv_to_cac, and ``probability_clv_exceeds_cac``.
    by : str
        "month", "quarter" or "year".
    horizon : float or str or None
        How far ahead of today residual value is counted.
    unit : str
        Of the horizon, if it is a number.
    interval : float or None
        Level of the intervals: they hold what is not known of the parameters.
    currency : str or None
        Label of the amounts.
    warnings : tuple of str
        What asks for a look, such as old customers in the first cohort.
    """

    table: pd.DataFrame
    by: str
    horizon: Span | None
    unit: str
    interval: float | None
    currency: str | None
    warnings: tuple[str, ...] = ()

    def summary(self) -> str:
        """All cohorts together, the best and the worst.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", keep_purchases=True)
        >>> found = clv.cohort_economics(clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"), by="month",
        ...                              acquisition_cost=20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
        >>> print(found.summary().splitlines()[0])
        3 of 3 cohorts have paid back what winning a customer cost.
        """
        table, number = self.table, len(self.table)
        paid = int(table["paid_back"].sum())
        more = int((~table["paid_back"] & (table["clv_to_cac"] >= 1.0)).sum())
        rest = "" if paid == number else f", and {more or 'no'} more will"
        sentences = [f"{paid} of {formats.plural(number, 'cohort')} have paid back what winning a customer cost{rest}."]
        ratio = table["clv_to_cac"].to_numpy()
        best, worst = table.iloc[int(ratio.argmax())], table.iloc[int(ratio.argmin())]
        sentences += [self._sentence(row) for row in ([best, worst] if number > 1 else [best])]
        return "\n".join([*sentences, *self.warnings])

    def _sentence(self, row: pd.Series[Any]) -> str:
        past, ahead, cac = formats.amounts([row["realised_margin"], row["residual_value"], row["cac"]])
        return (
            f"A customer of {row.name} has earned {past}, will earn {ahead} and cost {cac}: "
            f"{row['clv_to_cac']:.3g} times."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """What cohorts bring back for what they cost: `plots.clv_to_cac`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", keep_purchases=True)
        >>> found = clv.cohort_economics(clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"), by="month",
        ...                              acquisition_cost=20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
        >>> ax = found.plot()
        >>> plt.close(ax.figure)
        """
        # Plots come after values, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.acquisition").clv_to_cac(self, ax=ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.2f}".format)


def cohort_economics(
    purchases: Any,
    spend: Any,
    customers: Customers | None = None,
    *,
    acquisition_cost: AcquisitionCost,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: float = 1.0,
    cost_per_purchase: float = 0.0,
    by: Literal["month", "quarter", "year"] = "quarter",
    interval: float | None = None,
) -> CohortEconomics:
    """What each cohort has earned since it was won, what it will still earn, and what winning it cost.

    CLV = realised margin to date + residual value, of each customer discounted to the day of the first purchase, on
    which the cost of acquisition was paid. Residual value is that of `clvmodels.lifetime_value`, from today on; a
    cohort of last month has most of its value ahead, one of years ago behind it.

    Parameters
    ----------
    purchases : Fit
        A purchase model.
    spend : Fit
        A spend model, fitted to the same customers.
    customers : Customers, optional
        Who carry their purchases (``keep_purchases=True`` in `clvmodels.summarize`). Default: those fitted.
    acquisition_cost : float, dict, pandas.Series or pandas.DataFrame
        What winning a customer cost: a number, one a cohort ("2011Q3", "2011-09" or "2011"), or a table as in
        `clvmodels.unit_economics` whose ``group`` is the cohort: ``spend``, ``customers``, and several rows for several
        levels of spending, which give ``marginal_cac`` too.
    horizon : float, str or None
        How far ahead of today; None means for life.
    annual_discount_rate : float
        0.10 is 10 % a year; 0 gives plain sums.
    margin : float, default 1
        Share of the spend that is earned.
    cost_per_purchase : float, default 0
        What serving a purchase costs, and has cost.
    by : {"month", "quarter", "year"}, default "quarter"
        Cohorts are those of the same calendar period of the first purchase.
    interval : float, optional
        Level of intervals, such as 0.90, over paired draws of the parameters; of the ratio they are those of the ratios
        of draws. Of more than 20,000 customers a sample shows how far the draws vary.

    Returns
    -------
    CohortEconomics
        ``table``, one row a cohort, and sentences.

    Raises
    ------
    ArgumentError
        A rate, horizon or level has no meaning, or the customers don't carry their purchases.
    DataError
        A cohort has no cost, or one of 0.

    See Also
    --------
    unit_economics : New customers, without a history.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", keep_purchases=True)
    >>> found = clv.cohort_economics(clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"), by="month",
    ...                              acquisition_cost=20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> found.table.loc["1997-01", ["customers", "realised_margin", "residual_value"]].astype(float).round(1).to_dict()
    {'customers': 781.0, 'realised_margin': 29.2, 'residual_value': 6.7}
    """
    level = None if interval is None else check_level(interval)
    finite("margin", margin, "a share of the revenue, above 0 and up to 1", 1e-12, 1.0)
    finite("cost_per_purchase", cost_per_purchase, "0 or more", 0.0)
    known = _known(purchases, customers, by)
    conditions = Conditions(
        horizon=horizon, annual_discount_rate=annual_discount_rate, margin=margin, cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=0.0, acquisition_cost=None, until_renewal=0.0, risk_horizon="1Y", interval=None,
        predictive=False,
    )  # fmt: skip
    cohorts = Cohorts.of(known, _FREQUENCY[by], annual_discount_rate)
    table = _table(cohorts, purchases, spend, conditions, acquisition_cost)
    if level is not None:
        table = _with_bounds(table, cohorts, residual_draws(cohorts, purchases, spend, conditions), level)
    found = customers_before_the_log(known.table, known.unit)
    return CohortEconomics(
        table=table,
        by=by,
        horizon=horizon,
        unit=known.unit,
        interval=level,
        currency=known.currency,
        warnings=(found.sentence,) if found.verdict == "problem" else (),
    )


def _known(purchases: Any, customers: Customers | None, by: Any) -> Customers:
    """The customers, who carry their purchases."""
    if by not in _FREQUENCY:
        raise ArgumentError(f'by must be "month", "quarter" or "year", not {shortly(by)}.')
    known = getattr(purchases, "customers", None) if customers is None else customers
    if not isinstance(known, Customers):
        raise ArgumentError("Pass customers=, as clvmodels.summarize makes them: nobody is known to this fit.")
    if known.purchases is None or known.observation_end is None:
        raise ArgumentError(
            "What cohorts have earned needs the days of their purchases. Pass keep_purchases=True to "
            "clvmodels.summarize."
        )
    return known


def _table(cohorts: Cohorts, purchases: Any, spend: Any, conditions: Conditions, cost: AcquisitionCost) -> pd.DataFrame:
    """The columns without bounds."""
    past, ahead = realised(cohorts, conditions), residual(cohorts, purchases, spend, conditions)
    names = list(cohorts.names)
    costs = cost_table(_by_name(cost), names)
    cac = costs["cac"].to_numpy()
    table = pd.DataFrame(
        {
            "customers": cohorts.number, "realised_margin": past, "residual_value": ahead, "clv": past + ahead,
            "cac": cac, "net_value": past + ahead - cac, "clv_to_cac": (past + ahead) / cac, "paid_back": past >= cac,
        },
        index=pd.Index(names, name="cohort"),
    )  # fmt: skip
    if costs["marginal_cac"].notna().any():
        table["marginal_cac"] = costs["marginal_cac"].to_numpy()
    return table


def _by_name(cost: AcquisitionCost) -> AcquisitionCost:
    """Costs whose cohorts may be named by periods, by their texts."""
    if isinstance(cost, pd.DataFrame):
        return cost.assign(group=cost["group"].astype(str)) if "group" in cost else cost
    return {str(name): one for name, one in cost.items()} if isinstance(cost, Mapping | pd.Series) else cost


def _with_bounds(table: pd.DataFrame, cohorts: Cohorts, ratios: Any, level: float) -> pd.DataFrame:
    """The table with bounds of clv and of its ratio, from draws of the residual value over its mean."""
    ahead = table["residual_value"].to_numpy()[:, None] * ratios
    clv = table["realised_margin"].to_numpy()[:, None] + ahead
    cac = table["cac"].to_numpy()[:, None]
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    for name, draws in {"clv": clv, "clv_to_cac": clv / cac}.items():
        table[f"{name}_lower"], table[f"{name}_upper"] = np.quantile(draws, tails, axis=1)
    return table.assign(probability_clv_exceeds_cac=(clv > cac).mean(axis=1))
