"""`CustomerEquity`: the value of today's customers and of those to come, in tables and sentences."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clvmodels.decisions.equity.numbers import EquityNumbers
from clvmodels.decisions.equity.sentences import sentences
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CustomerEquity(EquityNumbers):
    """What today's customers and those still to come are worth; `clvmodels.customer_equity` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows "base" (today's customers), "future" (those to come, after their cost of acquisition) and "total":
        ``estimate``, ``lower`` and ``upper``, in the currency of the amounts, discounted to the end of the observation.
    cohorts : pandas.DataFrame
        One row a period ahead, indexed by its last day (``period_end``): ``new_customers`` with ``_lower`` and
        ``_upper``; ``clv``, what one is worth on the day of the first purchase, before the cost of acquisition;
        ``value`` and ``cost`` of all of them on that day; ``discount`` from that day to today; ``discounted_net``,
        value less cost, today.
    sensitivities : pandas.DataFrame
        One row a thing that equity is made of, the one that matters most first: ``change`` in words, the total where it
        is ``lower`` and ``higher``, and ``width``, the distance between them.
    backtest : pandas.DataFrame
        One row an earlier date (``origin``) and part ("base", "new", "both"): ``days`` (length of the window), revenue
        as it was ``forecast`` with ``lower`` and ``upper``, the ``actual`` revenue, and whether that lay ``inside``.
        New customers are those who came within the window; a range knows the errors of windows that were over by then.
    forecast : Forecast
        What today's customers will do in such a window from now on.
    method : str
        Where the numbers of new customers are from: a model of `clvmodels.forecast_acquisition`, "given", or "none"
        where the log has only customers of its beginning.
    horizon_end : pandas.Timestamp
        Until when customers to come are counted.
    value_horizon : float or str or None
        How long each customer counts; None for life.
    unit : str
        Of that, if it is a number.
    interval : float
        Level of the ranges.
    by : str
        "month" or "quarter".
    currency : str or None
        Label of the amounts.
    notes, warnings : tuple of str
        What to know about it, in sentences.
    """

    def summary(self) -> str:
        """The equity in sentences: its parts and ranges, what it rests on, and how the same did at earlier dates.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                              amount="amount", observation_end="1997-09-30", counts=[100.0] * 12,
        ...                              horizon="12M", acquisition_cost=10.0, annual_discount_rate=0.10, margin=0.30)
        >>> print(equity.summary().splitlines()[0])
        Today's 2,357 customers are worth about ...
        """
        return "\n".join(sentences(self))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """From today's customers over those to come to the total, as a waterfall with ranges.

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
        >>> equity = clv.customer_equity(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                              amount="amount", observation_end="1997-09-30", counts=[100.0] * 12,
        ...                              horizon="12M", acquisition_cost=10.0, annual_discount_rate=0.10, margin=0.30)
        >>> ax = equity.plot()
        >>> ax.get_ylabel()
        'Value today'
        >>> plt.close(ax.figure)
        """
        # Plots come after decisions, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.equity_waterfall").equity_waterfall(self, ax=ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.0f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.0f}".format)
