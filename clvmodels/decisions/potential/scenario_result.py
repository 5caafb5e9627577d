"""A scenario as tables, sentences and a picture."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.decisions.potential.effects import Effect, MarginChange
from clvmodels.transactions.units import Span
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Scenario:
    """Value now and under an activity; `scenario` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer: ``value_now``, ``value_then``, ``gap`` (then less now), with an interval their ``_lower``
        and ``_upper``; with a cost ``cost`` and ``net`` (gap less cost). In the currency of the amounts.
    total : pandas.DataFrame
        Rows ``value_now``, ``value_then``, ``gap``, with a cost ``cost``, ``net`` and ``return`` (net by cost; 2.12 is
        212 %); columns ``estimate`` and with an interval ``lower`` and ``upper``. Break-even cost is the gap.
    steps : pandas.DataFrame
        From now to then: the change in ``value`` with each change on top of those before it, and the value ``until``
        then. Changes one by one don't add up to all together.
    changes : dict of str to Effect or MarginChange
        What changes, and by which share, or from which to which.
    source : {"assumed", "tested"}
        Where the changes are from.
    horizon : float, str or None
        Of the values; None is for life.
    unit : str
        Of time.
    interval : float or None
        Level of the ranges: they hold what is not known of the parameters and of the changes.
    currency : str or None
        Label of the amounts.
    new : bool
        Whether it is of a new customer.
    """

    table: pd.DataFrame
    total: pd.DataFrame
    steps: pd.DataFrame
    changes: Mapping[str, Effect | MarginChange]
    source: Literal["assumed", "tested"]
    horizon: Span | None
    unit: str
    interval: float | None
    currency: str | None
    new: bool

    def summary(self) -> str:
        """What is gained, what that rests on, and what it may cost.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
        >>> print(clv.scenario((purchases, spend), "new", dropout=-0.20, horizon="1Y", annual_discount_rate=0.10,
        ...                    margin=0.30).summary())
        A new customer is worth 25.29 over the next year as they are, and 26.46 with the activity: 1.17 more (+5 %).
        Assumed, not measured: dropout −20 %.
        The activity pays as long as it costs less than 1.17.
        """
        return "\n".join(filter(None, [self._worth(), self._rests_on(), self._cost(), self._range()]))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """The way from the value now to that then, as a waterfall: see `clvmodels.plots.waterfall`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on.

        Returns
        -------
        matplotlib.axes.Axes
            With the picture.

        Examples
        --------
        >>> import clvmodels as clv
        >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> spend = clv.predictions("gamma-gamma", {"p": 6.25, "q": 3.74, "v": 15.44})
        >>> ax = clv.scenario((purchases, spend), "new", dropout=-0.20, horizon="1Y", annual_discount_rate=0.10).plot()
        """
        drawn: Axes = importlib.import_module("clvmodels.plots.scenario_steps").waterfall(self, ax=ax)
        return drawn

    def _of(self, name: str) -> float:
        return float(self.total["estimate"][name])

    def _worth(self) -> str:
        now, then, gap = (self._of(name) for name in ("value_now", "value_then", "gap"))
        texts = formats.amounts([now, then, abs(gap)])
        who = "A new customer is" if self.new else formats.plural(len(self.table), "customer")
        verb = "" if self.new else (" are" if len(self.table) != 1 else " is")
        share = f" ({formats.signed_share(gap / now)})" if now > 0.0 else ""
        when = "for life" if self.horizon is None else f"over the next {formats.following(self.horizon, self.unit)}"
        return (
            f"{who}{verb} worth {texts[0]} {when} as they are, and {texts[1]} with the activity: "
            f"{texts[2]} {'more' if gap >= 0.0 else 'less'}{share}."
        )

    def _rests_on(self) -> str:
        what = [f"{name} {effect}" for name, effect in self.changes.items()]
        if "product" in self.steps.index:
            what.append(f"further products {formats.amounts([float(self.steps['value']['product'])])[0]}")
        how = "Assumed, not measured" if self.source == "assumed" else "As measured in a test"
        return f"{how}: {', '.join(what)}."

    def _cost(self) -> str:
        gap = self._of("gap")
        if gap <= 0.0:
            return "It pays at no cost."
        limit = formats.amounts([gap])[0]
        each = "" if len(self.table) == 1 else f" ({formats.amounts([gap / len(self.table)])[0]} a customer)"
        if "cost" not in self.total.index:
            return f"The activity pays as long as it costs less than {limit}{each}."
        back = self._of("return")
        returns = "" if np.isnan(back) else f" and returns {100.0 * back:.0f} % on that"
        cost = formats.amounts([self._of("cost")])[0]
        return f"The activity costs {cost}{returns}; it pays as long as it costs less than {limit}{each}."

    def _range(self) -> str:
        if self.interval is None:
            return ""
        low, high = formats.amounts([float(self.total[side]["gap"]) for side in ("lower", "upper")])
        return (
            f"With a probability of {formats.share(self.interval)} the gain is between {low} and {high}: that holds "
            "what is not known of the parameters and of the changes, not the chance in what each customer does."
        )

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.total.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.total, float_format="{:,.2f}".format)
