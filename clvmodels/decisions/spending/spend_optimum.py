"""How much to spend on winning a prospect and on keeping a customer: Blattberg and Deighton (1996)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy.optimize import brentq

from clvmodels import formats
from clvmodels.arguments import LARGEST_AMOUNT, finite
from clvmodels.decisions.spending.response_curve import ResponseCurve, curve_of
from clvmodels.errors import ArgumentError
from clvmodels.value.notebook_page import notebook_page

_JUDGED = 0.2  # by which a ceiling may be judged wrong


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SpendOptimum:
    """Spending today and at its best; `spend_optimum` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows "today" and "optimum": ``acquisition_spend`` (on a prospect), ``acquisition_rate``, ``retention_spend`` (on
        a customer and period), ``retention_rate``, ``customer_value`` (V, of a customer won), ``customer_equity`` (of a
        prospect: rate × V - spending), ``marginal_acquisition_cost`` and ``marginal_retention_cost`` (of one customer
        more; infinite where more spending wins nobody), ``average_acquisition_cost`` and ``average_retention_cost`` (of
        a customer; NaN where nothing is spent).
    sensitivity : pandas.DataFrame
        What it costs to misjudge a ceiling by 20 %: ``spend`` that would be chosen, and the ``customer_equity`` that it
        brings if the curve is as given. A row each for ``acquisition`` and ``retention``, "low" and "high".
    acquisition, retention : ResponseCurve
        The curves: what is assumed.
    """

    table: pd.DataFrame
    sensitivity: pd.DataFrame
    acquisition: ResponseCurve
    retention: ResponseCurve

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> print(clv.spend_optimum((1.0, 0.04, 0.10), (8.0, 0.60, 0.80), margin=50.0, discount_rate=0.10).summary())
        Winning: spend 3.40 on a prospect instead of 1.00; 8 % are won instead of 4 %.
        Keeping: spend 15.80 on a customer and period instead of 8.00; 75 % stay instead of 60 %.
        A prospect is then worth 5.78 instead of 2.76. The ceilings of the curves, 10 % and 80 %, are assumed.
        """
        now, best = (self.table.loc[name] for name in ("today", "optimum"))

        def change(column: str, write: Any) -> tuple[str, str]:
            return write(best[column]), write(now[column])

        won, kept = (change(f"{name}_rate", formats.share) for name in ("acquisition", "retention"))
        spent, held = (change(f"{name}_spend", _money) for name in ("acquisition", "retention"))
        worth = change("customer_equity", _money)
        ceilings = [formats.share(curve.ceiling) for curve in (self.acquisition, self.retention)]
        return "\n".join(
            [
                f"Winning: spend {spent[0]} on a prospect instead of {spent[1]}; {won[0]} are won instead of {won[1]}.",
                f"Keeping: spend {held[0]} on a customer and period instead of {held[1]}; {kept[0]} stay instead of "
                f"{kept[1]}.",
                f"A prospect is then worth {worth[0]} instead of {worth[1]}. The ceilings of the curves, {ceilings[0]} "
                f"and {ceilings[1]}, are assumed.",
            ]
        )

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.T.to_string(float_format='{:,.4f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table.T, float_format="{:,.4f}".format)


def _money(value: float) -> str:
    return formats.amounts([value])[0]


def spend_optimum(acquisition: Any, retention: Any, *, margin: float, discount_rate: float = 0.0) -> SpendOptimum:
    """The spending on acquisition and retention that makes a prospect worth most.

    Customer equity of a prospect = a V - A, with a(A) the acquisition rate, V = (M (1 + d) - R) / (1 + d - r) and r(R)
    the retention rate; at the optimum the marginal cost of winning a customer and of keeping one both are V (Pfeifer
    2005). R is spent on each customer alive and booked at the renewal; the first margin is earned at once.

    Parameters
    ----------
    acquisition, retention : ResponseCurve or tuple
        How the rates answer spending: a `ResponseCurve`; today's (spend, rate, ceiling), the ceiling judged; or two
        points (spend, rate), today's first. Spending is on a prospect, or on a customer and period.
    margin : float
        M, earned on a customer a period, above 0.
    discount_rate : float, default 0
        d, of a period: 0.10 is 10 %.

    Returns
    -------
    SpendOptimum
        ``table`` with today and the optimum.

    Raises
    ------
    ArgumentError
        A number has no meaning, or there is no curve through the points.

    Examples
    --------
    >>> import clvmodels as clv
    >>> found = clv.spend_optimum((1.0, 0.04, 0.10), (8.0, 0.60, 0.80), margin=50.0, discount_rate=0.10)
    >>> found.table[["acquisition_spend", "retention_spend", "customer_value", "customer_equity"]].round(3)
             acquisition_spend  retention_spend  customer_value  customer_equity
    today                1.000            8.000          94.000            2.760
    optimum              3.405           15.798         111.439            5.782
    """
    earned = finite("margin", margin, "above 0", 0.0, LARGEST_AMOUNT)
    rate = finite("discount_rate", discount_rate, "0 or more (0.10 is 10 % a period)", 0.0, LARGEST_AMOUNT)
    if earned == 0.0:
        raise ArgumentError("margin must be above 0: customers who earn nothing are not worth winning.")
    won, kept = curve_of(acquisition, "acquisition"), curve_of(retention, "retention")
    setting = _Setting(won, kept, earned, rate)
    held = setting.best_retention(kept)
    spent = setting.best_acquisition(won, setting.value(held))
    return SpendOptimum(
        table=pd.DataFrame([setting.row(won.today, kept.today), setting.row(spent, held)], index=["today", "optimum"]),
        sensitivity=setting.sensitivity(spent, held),
        acquisition=won,
        retention=kept,
    )


@dataclass(frozen=True)
class _Setting:
    """The curves, the margin M and the discount rate d of a period."""

    won: ResponseCurve
    kept: ResponseCurve
    margin: float
    discount: float

    def value(self, spend: float) -> float:
        """V, of a customer on whom so much is spent a period."""
        return self._value(self.kept, spend)

    def _value(self, kept: ResponseCurve, spend: float) -> float:
        return (self.margin * (1.0 + self.discount) - spend) / (1.0 + self.discount - kept.rate(spend))

    def equity(self, acquisition: float, retention: float) -> float:
        """Of a prospect."""
        return self.won.rate(acquisition) * self.value(retention) - acquisition

    def best_retention(self, kept: ResponseCurve) -> float:
        """R*, where a customer more costs as much to keep as he is worth; 0 if the first one costs more."""

        def gain(spend: float) -> float:
            return kept.slope(spend) * self._value(kept, spend) - 1.0

        return 0.0 if gain(0.0) <= 0.0 else float(brentq(gain, 0.0, self.margin * (1.0 + self.discount), xtol=1e-12))

    def best_acquisition(self, won: ResponseCurve, value: float) -> float:
        """A* = ln(k ā V) / k; 0 if the first customer costs more than he is worth."""
        return max(0.0, math.log(won.k * won.ceiling * value) / won.k)

    def row(self, acquisition: float, retention: float) -> dict[str, float]:
        """What comes of two levels of spending."""
        won, kept = self.won.rate(acquisition), self.kept.rate(retention)
        return {
            "acquisition_spend": acquisition,
            "acquisition_rate": won,
            "retention_spend": retention,
            "retention_rate": kept,
            "customer_value": self.value(retention),
            "customer_equity": self.equity(acquisition, retention),
            "marginal_acquisition_cost": _inverse(self.won.slope(acquisition)),
            "marginal_retention_cost": _inverse(self.kept.slope(retention)),
            "average_acquisition_cost": acquisition / won if won > 0.0 else math.nan,
            "average_retention_cost": retention / kept if kept > 0.0 else math.nan,
        }

    def sensitivity(self, acquisition: float, retention: float) -> pd.DataFrame:
        """Spending by a ceiling judged wrong, and what it brings; through the same point of today."""
        rows = {}
        for error, name in ((1.0 - _JUDGED, "low"), (1.0 + _JUDGED, "high")):
            judged = _judged(self.won, error)
            spend = acquisition if judged is None else self.best_acquisition(judged, self.value(retention))
            rows["acquisition", name] = {"spend": spend, "customer_equity": self.equity(spend, retention)}
            judged = _judged(self.kept, error)
            spend = retention if judged is None else self.best_retention(judged)
            rows["retention", name] = {"spend": spend, "customer_equity": self.equity(acquisition, spend)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["curve", "ceiling"]).sort_index()


def _judged(curve: ResponseCurve, error: float) -> ResponseCurve | None:
    """The curve through today's point with another ceiling; None if there is none, or it doesn't know today."""
    rate, ceiling = curve.rate(curve.today), min(1.0, curve.ceiling * error)
    return ResponseCurve.from_point(curve.today, rate, ceiling) if 0.0 < rate < ceiling else None


def _inverse(slope: float) -> float:
    return 1.0 / slope if slope > 0.0 else math.inf
