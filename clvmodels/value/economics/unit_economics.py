"""Unit economics: lifetime value of new customers beside the cost of winning them, by channel or cohort."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.kinds import GroupedFit
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.intervals import check_level
from clvmodels.signatures import checked
from clvmodels.transactions.units import Span, span_in_units
from clvmodels.value.conditions import Conditions
from clvmodels.value.credit_loss import CreditLoss
from clvmodels.value.economics.acquisition_costs import AcquisitionCost, cost_table
from clvmodels.value.economics.payback import EarningsCurve
from clvmodels.value.notebook_page import notebook_page
from clvmodels.value.of_purchases import purchase_valuation
from clvmodels.value.of_renewals import renewal_valuation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRAWS = 200
_ALL = "all"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class UnitEconomics:
    """What new customers are worth, what they cost, and when they have paid back; `unit_economics` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a group: ``clv`` (before the cost of acquisition), ``cac``, ``net_value`` (clv - cac), ``clv_to_cac``,
        ``payback`` (in ``unit``; 0 if the first purchase pays, infinite if it is not reached within ``latest``),
        ``marginal_cac`` where it is known; with an interval also ``_lower`` and ``_upper`` of clv, clv_to_cac and
        payback, ``probability_clv_exceeds_cac`` and ``never_pays_back`` (share of the draws).
    unit : str
        Of payback times.
    horizon : float or str or None
        Over which clv is counted; the same for all groups.
    latest : float or str
        The longest payback time that is looked for.
    interval : float or None
        Level of the intervals: they hold what is not known of the parameters.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    unit: str
    horizon: Span | None
    latest: Span
    interval: float | None
    currency: str | None

    def summary(self) -> str:
        """One sentence a group.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
        >>> print(clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon="1Y",
        ...                          annual_discount_rate=0.10, margin=0.30).summary())
        A new customer is worth 25.29 and costs 20.00: 1.26 times, paid back after 26 weeks.
        """
        return "\n".join(self._sentence(group, row) for group, row in self.table.iterrows())

    def _sentence(self, group: Any, row: pd.Series[float]) -> str:
        clv, cac = formats.amounts([row["clv"], row["cac"]])
        who = "A new customer" if group == _ALL else f"A new customer of {group}"
        back = row["payback"]
        if np.isinf(back):
            when = f"not paid back within {formats.span(self.latest, self.unit)}"
        elif back == 0.0:
            when = "paid back with the first purchase"
        else:
            when = f"paid back after {formats.plural(round(back), self.unit)}"
        return f"{who} is worth {clv} and costs {cac}: {row['clv_to_cac']:.3g} times, {when}."

    @checked
    def plot(self, of: Literal["clv_to_cac", "payback"] = "clv_to_cac", *, ax: Axes | None = None) -> Axes:
        """What new customers bring back for what they cost, or when, by group.

        Parameters
        ----------
        of : {"clv_to_cac", "payback"}
            What to draw.
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Raises
        ------
        ArgumentError
            ``of`` is neither.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
        >>> found = clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon="1Y",
        ...                            annual_discount_rate=0.10, margin=0.30)
        >>> ax = found.plot("payback")
        >>> plt.close(ax.figure)
        """
        if of not in ("clv_to_cac", "payback"):
            raise ArgumentError(f'of must be "clv_to_cac" or "payback", not {of!r}.')
        # Plots come after values, and matplotlib is loaded by whoever draws.
        drawn: Axes = getattr(importlib.import_module("clvmodels.plots.acquisition"), of)(self, ax=ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.2f}".format)


@checked
def unit_economics(
    purchases: Any,
    spend: Any,
    *,
    acquisition_cost: AcquisitionCost,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: float = 1.0,
    cost_per_purchase: float = 0.0,
    retention_cost_per_year: float = 0.0,
    credit_loss: CreditLoss | float | None = None,
    latest: Span = "20Y",
    interval: float | None = None,
) -> UnitEconomics:
    """Lifetime value of a new customer beside the cost of winning one: CLV : CAC and payback time, by group.

    CLV = margin × E[spend] (1 + D(H)) - retention cost, D the discounted repeat purchases; payback is the first t at
    which the same until t reaches the cost. Groups are those of the fits: channels, or cohorts. Of subscriptions the
    payment at the beginning of each period takes the place of purchases: payback 4 is with the fifth payment.

    Parameters
    ----------
    purchases : Fit or dict of str to Fit
        A purchase model, or a model of renewals; a fit of groups, or one fit a group.
    spend : Fit, float or dict of str to these
        A spend model, of the same groups or one for all; of subscriptions what is paid a period.
    acquisition_cost : float, dict, pandas.Series or pandas.DataFrame
        What winning a customer costs: a number, one a group, or a table with columns ``spend`` and ``customers`` (and
        ``group``), where several rows of a group are levels of spending and give ``marginal_cac`` too. Divide by the
        customers that were paid for: those who come by themselves make the cost look lower than the next one's.
    horizon : float, str or None
        A number of the models' units or a span such as "3Y", the same for all groups; None means for life.
    annual_discount_rate : float
        0.10 is 10 % a year.
    margin : float, default 1
        Share of the spend that is earned.
    cost_per_purchase : float, default 0
        What serving a purchase (or a period) costs.
    retention_cost_per_year : float, default 0
        What keeping a customer costs a year while alive.
    credit_loss : CreditLoss or float, optional
        What is lost on unpaid invoices, as in `clvmodels.lifetime_value`: the margin m becomes m - PD · LGD.
    latest : float or str, default "20Y"
        The longest payback time that is looked for.
    interval : float, optional
        Level of intervals, such as 0.90, over 200 paired draws of the parameters. The ratio's is made of the ratios of
        draws, and its estimate is the ratio of the estimates.

    Returns
    -------
    UnitEconomics
        ``table``, one row a group.

    Raises
    ------
    ArgumentError
        A rate, horizon or level has no meaning, or the fits are not of the same groups.
    DataError
        A group has no cost, or one of 0.

    Examples
    --------
    >>> import clvmodels as clv
    >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
    >>> found = clv.unit_economics(purchases, spend, acquisition_cost=20.0, horizon="5Y", annual_discount_rate=0.10,
    ...                            margin=0.30)
    >>> found.table.loc["all", ["clv", "clv_to_cac", "payback"]].astype(float).round(2).to_dict()
    {'clv': 42.95, 'clv_to_cac': 2.15, 'payback': 26.37}
    """
    level = None if interval is None else check_level(interval)
    groups = _groups(purchases, spend)
    costs = cost_table(acquisition_cost, list(groups))
    conditions = Conditions(
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=retention_cost_per_year,
        acquisition_cost=None,
        until_renewal=0.0,
        risk_horizon="1Y",
        interval=None,
        predictive=False,
        credit_loss=None if credit_loss is None else CreditLoss.of(credit_loss),
    )
    rows = [
        _row(*fits, conditions, float(cac), latest, level)
        for fits, cac in zip(groups.values(), costs["cac"], strict=True)
    ]
    table = pd.DataFrame(rows, index=costs.index)
    if costs["marginal_cac"].notna().any():
        table["marginal_cac"] = costs["marginal_cac"]
    one_purchases, one_spend = next(iter(groups.values()))
    return UnitEconomics(
        table=table,
        unit=one_purchases.unit,
        horizon=horizon,
        latest=latest,
        interval=level,
        currency=getattr(one_spend, "currency", None),
    )


def _groups(purchases: Any, spend: Any) -> dict[Any, tuple[Any, Any]]:
    """The fits of each group, in pairs."""
    bought, spent = _by_group(purchases), _by_group(spend)
    if bought == {}:
        raise ArgumentError("purchases holds no fits. Pass a fit, or fits by group.")
    if bought is None:
        if spent is not None:
            raise ArgumentError("spend has groups and purchases has none. Pass purchases of the same groups.")
        return {_ALL: (purchases, spend)}
    if spent is not None and (missing := [group for group in bought if group not in spent]):
        raise ArgumentError(f"spend has no group {missing[0]!r}. Its groups: {list(spent)}.")
    return {group: (fit, spend if spent is None else spent[group]) for group, fit in bought.items()}


def _by_group(fits: Any) -> dict[Any, Any] | None:
    if isinstance(fits, GroupedFit):
        return dict(fits.fits)
    return dict(fits) if isinstance(fits, Mapping) else None


def _row(
    purchases: Any, spend: Any, conditions: Conditions, cac: float, latest: Span, level: float | None
) -> dict[str, float]:
    """The row of one group."""
    renewing = isinstance(purchases, RenewalPredictions)
    value = renewal_valuation if renewing else purchase_valuation
    valuation = value(purchases, spend, "new", conditions)
    longest = span_in_units(latest, purchases.unit, name="latest")
    if longest <= 0:
        raise ArgumentError(f"latest must be a span above 0, not {latest!r}.")
    curve = EarningsCurve(valuation, longest, whole=renewing)
    terms = valuation.terms((0.0, valuation.horizon))
    clv = float(terms.point(valuation.population, valuation.parameters)[0])
    row = {
        "clv": clv, "cac": cac, "net_value": clv - cac, "clv_to_cac": clv / cac, "payback": curve.payback(cac)
    }  # fmt: skip
    if level is None:
        return row
    draws = valuation.draws()
    draws = draws[:: max(1, len(draws) // _DRAWS)]
    values = curve.of_draws(valuation.horizon, draws)
    back = curve.payback_of_draws(cac, np.stack([curve.of_draws(t, draws) for t in curve.times()]))
    for name, drawn in {"clv": values, "clv_to_cac": values / cac, "payback": back}.items():
        row[f"{name}_lower"], row[f"{name}_upper"] = _quantiles(drawn, level)
    row["probability_clv_exceeds_cac"] = float((values > cac).mean())
    row["never_pays_back"] = float(np.isinf(back).mean())
    return row


def _quantiles(draws: Array, level: float) -> tuple[float, float]:
    """Quantiles that are one of the draws, so that they may be infinite."""
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(draws, [tail, 1.0 - tail], method="inverted_cdf")
    return float(lower), float(upper)
