"""The result of `risk_table`: the table, sums, sentences, a plot."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.errors import DataError
from clvmodels.transactions.units import Span
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RiskTable:
    """Risks of customers beside what they are worth; `risk_table` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer. What does not apply, or isn't known, has no column:

        ``attrition_risk`` (no purchase in the horizon) or, of subscribers, ``cancellation_risk`` (one of its renewals
        is not made); ``switching_risk`` (as it was given); ``default_probability`` (an invoice is not paid);
        ``exposure`` (what is invoiced and open, and the invoice to come times the probability that it comes);
        ``expected_loss`` (exposure × probability of default × loss given default, discounted from the day of the loss);
        ``lifetime_value`` (of the horizon, before credit loss); ``value_at_risk`` (value × risk);
        ``value_lost_to_attrition`` (how much more the customer would be worth if the next purchase or renewal were
        certain); ``value_after_credit_loss``.
        With an interval each has ``_lower`` and ``_upper``.
    total : pandas.DataFrame
        Sums over customers of the columns in money: ``estimate``, and with an interval ``lower`` and ``upper``, of sums
        draw by draw.
    horizon : float or str
        Of risks and values.
    unit : str
        Of a horizon that is a number.
    assumptions : dict
        What is assumed of credit losses, discounting, margin and costs.
    interval : float or None
        Level of the intervals: they hold what is not known of the parameters, and no luck.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    total: pd.DataFrame
    horizon: Span
    unit: str
    assumptions: Mapping[str, Any]
    interval: float | None
    currency: str | None

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> purchases = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=["ann", "bob"])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> print(clv.risk_table(purchases, customers=customers, horizon=39, annual_discount_rate=0.10).summary())
        1 of 2 customers are expected not to buy in the next 39 weeks.
        """
        return "\n".join([*self._leaving(), *self._value(), *self._credit()])

    def _leaving(self) -> list[str]:
        """How many are expected to be lost, by each kind of risk."""
        ahead, count = formats.following(self.horizon, self.unit), formats.plural(len(self.table), "customer")
        said = {
            "attrition_risk": f"{{:,.0f}} of {count} are expected not to buy in the next {ahead}.",
            "cancellation_risk": f"{{:,.0f}} of {count} are expected to cancel in the next {ahead}.",
            "switching_risk": f"{{:,.0f}} of {count} are expected to choose another brand or plan next.",
        }
        return [words.format(self.table[name].sum()) for name, words in said.items() if name in self.table]

    def _value(self) -> list[str]:
        if "value_at_risk" not in self.table:
            return []
        sums = self.total["estimate"]
        worth, at_risk = formats.amounts([sums["lifetime_value"], sums["value_at_risk"]])
        best = self.table["value_at_risk"].sort_values(ascending=False)
        few = max(1, round(0.1 * len(best)))
        share = best.iloc[:few].sum() / best.sum() if best.sum() > 0.0 else 0.0
        sentences = [
            f"They are worth {worth}{self._range('lifetime_value')}; value × risk adds up to {at_risk}, "
            f"{formats.share(share)} of it with {formats.plural(few, 'customer')}.",
            "Value at risk ranks whom to look after first; it is not the quantile of losses that finance calls so.",
        ]
        return [*sentences, *self._lost()]

    def _lost(self) -> list[str]:
        """What attrition takes."""
        if "value_lost_to_attrition" not in self.table:
            return []
        (lost,) = formats.amounts([self.total["estimate"]["value_lost_to_attrition"]])
        bought = f"bought at least once in the next {formats.following(self.horizon, self.unit)}"
        did = bought if "attrition_risk" in self.table else "made the next renewal"
        return [f"If each {did}, they would be worth {lost} more."]

    def _credit(self) -> list[str]:
        if "expected_loss" not in self.table:
            return []
        sums = self.total["estimate"]
        exposure, lost = formats.amounts([sums["exposure"], sums["expected_loss"]])
        assumed = self.assumptions["loss_given_default"]
        given = f"{assumed:.0%} of an unpaid invoice" if np.ndim(assumed) == 0 and not isinstance(assumed, str) else ""
        sentences = [
            f"Of {exposure} that is open or about to be invoiced {lost}{self._range('expected_loss')} is expected to "
            f"be lost, if {given or 'the given share of unpaid invoices'} is lost for good (assumed)."
        ]
        if "value_after_credit_loss" in self.table:
            (after,) = formats.amounts([sums["value_after_credit_loss"]])
            sentences.append(f"After credit loss the customers are worth {after}.")
        return sentences

    def _range(self, name: str) -> str:
        """The range of a sum, in brackets."""
        if self.interval is None or name not in self.total.index:
            return ""
        lower, upper = formats.amounts(float(self.total[end][name]) for end in ("lower", "upper"))
        return f" ({formats.share(self.interval)} range {lower} to {upper})"

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Value at risk: how much of it few customers hold.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Raises
        ------
        DataError
            There are no values.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", observation_end="1997-09-30")
        >>> risks = clv.risk_table(clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma"), horizon="39W",
        ...                        annual_discount_rate=0.10)
        >>> ax = risks.plot()
        >>> plt.close(ax.figure)
        """
        if "value_at_risk" not in self.table:
            raise DataError("Without values there is no value at risk to draw. Pass spend= to clvmodels.risk_table.")
        # Plots come after values, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.risk_curve").value_at_risk(self.table, ax=ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.head().to_string(float_format='{:,.3f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table.head(), float_format="{:,.3f}".format)
