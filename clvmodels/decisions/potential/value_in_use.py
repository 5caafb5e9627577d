"""What an offer is worth to a business customer, less its price, against the next best alternative."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import finite, level, shortly
from clvmodels.decisions.potential.value_elements import SHAPES, amounts_at, moments, read_elements, spread_points
from clvmodels.errors import ArgumentError
from clvmodels.signatures import checked
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    import matplotlib.axes

_POINTS = 16  # 2¹⁶ combinations of amounts
_LOW, _HIGH = 0.10, 0.90  # of an element, in the tornado


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ValueInUse:
    """Worth of an offer against the next best alternative; `value_in_use` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an element, the widest first: ``low``, ``mode``, ``high``, ``mean``, ``standard_deviation``, ``net_low``
        and ``net_high`` (net value with this element at its 10 % and 90 % point and the others at their means),
        ``width`` between them, ``share_of_variance``.
    net : pandas.Series
        Net value, Σ elements - (price - alternative price): ``mean``, ``standard_deviation``, ``lower``, ``upper``.
    worth : pandas.Series
        The price at which the customer would be indifferent, Σ elements + alternative price: ``mean``, ``lower``,
        ``upper``.
    probability_positive : float
        P(net value > 0).
    price, alternative_price : float
        Of the offer, and of the alternative.
    interval : float
        Level of the bounds: what isn't known of the elements.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    net: pd.Series[float]
    worth: pd.Series[float]
    probability_positive: float
    price: float
    alternative_price: float
    interval: float
    currency: str | None

    def summary(self) -> str:
        """What was found, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> elements = {"labour": (8, 12, 20), "downtime": (5, 10, 25), "energy": (-2, 3, 6)}
        >>> print(clv.value_in_use(elements, price=118.0, alternative_price=100.0).summary())
        The customer is 11.00 better off with the offer than with the alternative, prices paid (90 %: 3.00 to 20.08).
        He is better off at all with a probability of 99 %; on average the offer is worth up to 129.00.
        Most of what isn't known is in downtime, with 67 % of the variance.
        """
        mean, lower, upper, worth = formats.amounts(
            [self.net["mean"], self.net["lower"], self.net["upper"], self.worth["mean"]]
        )
        sentences = [
            f"The customer is {mean} better off with the offer than with the alternative, prices paid "
            f"({formats.share(self.interval)}: {lower} to {upper}).",
            f"He is better off at all with a probability of {formats.share(self.probability_positive)}; on average the "
            f"offer is worth up to {worth}.",
        ]
        widest = self.table.iloc[0]
        if widest["share_of_variance"] > 0.0:
            share = formats.share(widest["share_of_variance"])
            sentences.append(f"Most of what isn't known is in {widest.name}, with {share} of the variance.")
        return "\n".join(sentences)

    def plot(self, *, ax: matplotlib.axes.Axes | None = None) -> matplotlib.axes.Axes:
        """Tornado chart: net value by element, each from its 10 % to its 90 % point, the widest on top.

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
        >>> ax = clv.value_in_use({"labour": (8, 12, 20)}, price=18.0, alternative_price=10.0).plot()
        >>> ax.get_xlabel()
        'Net value to the customer'
        >>> plt.close(ax.figure)
        """
        # Plots come after decisions, and matplotlib is loaded by whoever draws.
        drawn: matplotlib.axes.Axes = importlib.import_module("clvmodels.plots.tornado_chart").tornado(self, ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.2f}".format)


@checked
def value_in_use(
    elements: Any,
    *,
    price: float,
    alternative_price: float,
    shape: str = "triangular",
    interval: float = 0.90,
    currency: str | None = None,
) -> ValueInUse:
    """What an offer is worth to a customer less its price, against the next best alternative; with a tornado chart.

    Anderson and Narus: a customer takes an offer f rather than the alternative a if value_f - price_f > value_a -
    price_a. Elements are what value_f has beyond value_a; each is known as low, most likely and high, independently of
    the others. Net value = Σ elements - (price_f - price_a); the offer is worth Σ elements + price_a.

    Parameters
    ----------
    elements : dict or frame
        Elements of value in the customer's own money, worth more (or, negative, less) than with the alternative: a dict
        from each name to (low, mode, high) or to one certain number; or a frame with columns ``element``, ``low``,
        ``mode`` and ``high``.
    price, alternative_price : float
        Of the offer, and of the next best alternative, over the same time as the elements.
    shape : {"triangular", "pert"}
        Distribution of an element between low and high; PERT has less in the tails.
    interval : float, default 0.90
        Level of the bounds.
    currency : str, optional
        Label of the amounts.

    Returns
    -------
    ValueInUse
        ``net``, ``worth`` and ``table``, a row an element.

    Raises
    ------
    ArgumentError
        A price is no finite number of 0 or more, or the shape or level has no meaning.
    DataError
        There is no element, or its amounts are not in order.

    Examples
    --------
    >>> import clvmodels as clv
    >>> elements = {"labour": (8, 12, 20), "downtime": (5, 10, 25), "energy": (-2, 3, 6)}
    >>> found = clv.value_in_use(elements, price=118.0, alternative_price=100.0)
    >>> found.table[["mean", "width", "share_of_variance"]].round(3)
                mean   width  share_of_variance
    element
    downtime  13.333  11.360              0.669
    labour    13.333   6.711              0.230
    energy     2.333   4.451              0.101
    """
    if shape not in SHAPES:
        raise ArgumentError(f'shape must be "triangular" or "pert", not {shortly(shape)}.')
    paid, other = (
        finite(name, value, "a finite amount, 0 or more", 0.0)
        for name, value in (("price", price), ("alternative_price", alternative_price))
    )
    confidence, table = level("interval", interval), read_elements(elements)
    mean, deviation = moments(table, shape)
    net = mean.sum() - (paid - other)
    totals = amounts_at(table, spread_points(_POINTS, len(table)), shape).sum(axis=1)
    bounds = np.quantile(totals, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    table = table.assign(mean=mean, standard_deviation=deviation)
    for name, point in (("net_low", _LOW), ("net_high", _HIGH)):
        table[name] = net + amounts_at(table, np.full(len(table), point), shape) - mean
    table["width"] = table["net_high"] - table["net_low"]
    table["share_of_variance"] = deviation**2 / max(float((deviation**2).sum()), 1e-300)
    return ValueInUse(
        table=table.sort_values("width", ascending=False, kind="stable"),
        net=_named(net, float(np.sqrt((deviation**2).sum())), bounds - (paid - other)),
        worth=_named(mean.sum() + other, None, bounds + other),
        probability_positive=float((totals > paid - other).mean()),
        price=paid,
        alternative_price=other,
        interval=confidence,
        currency=currency,
    )


def _named(mean: float, deviation: float | None, bounds: Any) -> pd.Series[float]:
    spread = {} if deviation is None else {"standard_deviation": deviation}
    return pd.Series({"mean": float(mean), **spread, "lower": float(bounds[0]), "upper": float(bounds[1])})
