"""The result of `segment`: the segment of each customer, and a profile of each segment."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import finite, level, shortly, whole
from clvmodels.decisions.customer_values import by_customer, for_all
from clvmodels.decisions.segments.assessment import Assessment, assessment
from clvmodels.decisions.segments.differences import differences
from clvmodels.decisions.segments.migration import Migration, moves
from clvmodels.decisions.segments.rules import Rule, Scores
from clvmodels.decisions.segments.simulation import check_valued, customers_later, valued_as
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import Span
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    import matplotlib.axes

_SHOWN = 12


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Segments:
    """Customers in segments; `clvmodels.segment` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a segment, the best first, indexed by ``segment``: ``customers``, ``share_of_customers``, ``value``
        (their sum), ``share_of_value`` (absent if the values don't sum to more than 0), ``purchase_rate`` (expected
        purchases a customer, in the horizon of the values), ``spend`` (expected a purchase), ``risk`` (mean attrition
        risk), ``cost`` (mean), ``value_per_customer``. What ``value`` has no column for is absent.
    customers : pandas.DataFrame
        One row a customer, indexed by ``customer_id``: ``segment``, ``value``, what else the profile is made of, and
        for RFM the scores.
    by : str
        What the segments are: "value", "share", "rfm", "value_risk", or the name of a column.
    borders : pandas.Series
        Of tiers: the least value of each but the lowest. Of value × risk: ``high_value`` and ``high_risk``. Else empty.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    customers: pd.DataFrame
    by: str
    borders: pd.Series[float]
    currency: str | None
    _rule: Rule
    _terms: dict[str, Any]

    def assign(self, value: Any) -> pd.Series[str]:
        """The segments of other customers, or of later values, by the borders of this one.

        Parameters
        ----------
        value : pandas.Series or frame
            Values by customer, as `segment` takes them; for RFM a summary, which is scored among the customers of
            this one. Of segments that were given as a column: segments by customer.

        Returns
        -------
        pandas.Series
            ``segment``, indexed by ``customer_id``.

        Raises
        ------
        ArgumentError
            Segments of your own come as something else than a Series, or labels have no name for a segment.

        Examples
        --------
        >>> import clvmodels as clv
        >>> tiers = clv.segment(pd.Series([9.0, 8.0, 2.0, 1.0]), q=2)
        >>> tiers.assign(pd.Series([100.0, 7.9], index=["x", "y"])).to_dict()
        {'x': 'A', 'y': 'B'}
        """
        return self._rule.assign(value)

    @checked
    def migration(
        self,
        later: Any,
        *,
        borders: str = "fixed",
        purchases: Any = None,
        spend: Any = None,
        after: Span | None = None,
        value: Callable[[Customers], Any] | None = None,
        replications: int = 20,
        seed: int = 0,
    ) -> Migration:
        """Who is in which segment at a later date, beside the moves that chance alone would make.

        Values at the first date must come from data until then only. Since they hold noise, the best at the first date
        are worse on average at the second (regression to the mean), even if no customer has changed: pass the fits of
        the first date, and their customers are simulated until the second date as the model says.

        Parameters
        ----------
        later : pandas.Series or frame
            Values at the later date, as `segment` takes them; for RFM the summary at the later date, `Customers` or a
            frame; or segments of your own.
        borders : {"fixed", "refitted"}
            Whether the borders of the first date hold at the second, or the same rule is applied afresh.
        purchases, spend : Fit, optional
            Fits of the first date, with its customers, to simulate from.
        after : float or str, optional
            How much later that is: a number of the fits' units, or a span such as "26W".
        value : callable, optional
            From Customers to values, as those of the first date were computed. Default: `lifetime_value` with their
            horizon and discount rate, and a margin of 1. RFM scores need none: what is simulated is what they score.
        replications : int, default 20
            How many simulations.
        seed : int, default 0
            Of the randomness.

        Returns
        -------
        Migration
            Customers and shares from segment to segment, and the mean of the simulations.

        Raises
        ------
        ArgumentError
            An option has no meaning, or ``value`` doesn't give the values that were segmented.

        Examples
        --------
        >>> import clvmodels as clv
        >>> tiers = clv.segment(pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd")), q=2)
        >>> tiers.migration(pd.Series([9.0, 1.0, 2.0, 10.0], index=list("abce"))).table
        to    A  B  gone
        from
        A     1  1     0
        B     0  1     1
        new   1  0     0
        """
        if borders not in ("fixed", "refitted"):
            raise ArgumentError(f'borders must be "fixed" or "refitted", not {shortly(borders)}.')
        rule = self._rule
        simulated: list[Any] = []
        if purchases is not None:
            if spend is None or after is None:
                raise ArgumentError("To simulate from fits, pass purchases=, spend= and after=.")
            number = whole("replications", replications, "a whole number, 1 or more", 1, 10_000)
            seeds = np.random.default_rng(whole("seed", seed)).integers(2**31, size=number)
            histories = (customers_later(purchases, spend, after, int(one)) for one in seeds)
            if isinstance(rule, Scores):
                simulated = list(histories)
            else:
                valued = value or valued_as(self._terms, purchases, spend)
                check_valued(valued, purchases, self.customers["value"])
                simulated = [valued(one) for one in histories]
        assign = rule.assign if borders == "fixed" else rule.afresh
        return moves(self.customers["segment"], assign(later), rule.order, [assign(one) for one in simulated])

    def assess(self, actual: Any) -> Assessment:
        """Predicted segments beside those that came, by what customers were worth in a holdout.

        Parameters
        ----------
        actual : pandas.Series or frame
            What came of the same customers, such as their spend in a holdout: divided into tiers by the same rule,
            since it is on another scale. Of segments of your own: the actual ones.

        Returns
        -------
        Assessment
            Precision and recall by segment, confusion matrix, and the level of chance.

        Raises
        ------
        ArgumentError
            The segments are scores or groups of value and risk, of which no actual ones are seen.
        DataError
            A customer has no actual value.

        Examples
        --------
        >>> import clvmodels as clv
        >>> given = pd.Series(["1", "1", "0", "0", "1"])
        >>> predicted = clv.segment(pd.Series([1.0, 1.0, 1.0, 1.0, 1.0]), by=given)
        >>> found = predicted.assess(pd.Series(["1", "0", "0", "1", "1"]))
        >>> found.table.loc["1", ["precision", "recall"]].round(3).tolist()
        [0.667, 0.667]
        """
        came = for_all(self._rule.actual(_of(actual, self.customers.index)), self.customers.index, "actual")
        return assessment(self.customers["segment"], came, self._rule.order)

    def differences(self, attributes: Any, *, top: float = 0.1, rate: float = 0.05) -> pd.DataFrame:
        """What the best customers differ by: the ideal customer.

        Parameters
        ----------
        attributes : frame
            What else is known of each customer, with ids as index or in ``customer_id``. Columns that make up the value
            (frequency, monetary_value, …) are left out, and so are those that are the same for all.
        top : float, default 0.1
            The share of customers who are the best, by value; equal values are together.
        rate : float, default 0.05
            False discovery rate: the share of the attributes found that may be chance (Benjamini and Hochberg 1995).

        Returns
        -------
        pandas.DataFrame
            One row a number, and one a level of a category, the surest first: ``attribute``, ``level`` (of a
            category), ``best`` and ``rest`` (means, or shares), ``difference`` of numbers in standard deviations,
            ``lift`` of levels (share among the best / share among all), ``p_value``, ``adjusted_p`` and ``differs``. A
            difference says what the best are like, not what made them so.

        Raises
        ------
        ArgumentError
            ``top`` or ``rate`` is no share.
        DataError
            Customers are missing, all are the best or none is, or nothing is left to compare.

        Examples
        --------
        >>> import clvmodels as clv
        >>> tiers = clv.segment(pd.Series([9.0, 8.0, 7.0, 1.0, 2.0, 1.0, 2.0], index=list("abcdefg")))
        >>> age = pd.DataFrame({"age": [3, 5, 7, 1, 2, 3, 4]}, index=list("abcdefg"))
        >>> tiers.differences(age, top=0.4)["difference"].round(3).tolist()
        [1.485]
        """
        share = level("top", top, "0.1")
        finite("rate", rate, "a share from 0 to 1", 0.0, 1.0)
        frame = for_all(by_customer(attributes), self.customers.index, "attributes")
        worth = self.customers["value"].to_numpy(dtype=np.float64)
        best = worth >= np.sort(worth)[::-1][max(1, round(share * len(worth))) - 1]
        if best.all():
            raise DataError("The best can't be told from the rest: too many values are equal. Choose another top=.")
        return differences(frame, best, rate)

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> print(clv.segment(pd.Series([60.0, 30.0, 6.0, 4.0]), q=2).summary())
        4 customers in 2 segments.
        A: 2 customers (50 %) with 90 % of the value, 45.00 each.
        B: 2 customers (50 %) with 10 % of the value, 5.00 each.
        """
        found = f"{formats.plural(len(self.customers), 'customer')} in {formats.plural(len(self.table), 'segment')}."
        each = formats.amounts(self.table["value_per_customer"].head(_SHOWN))
        rows = zip(self.table.head(_SHOWN).iterrows(), each, strict=True)
        return "\n".join([found, *(_sentence(str(name), row, one) for (name, row), one in rows)])

    def plot(self, *, ax: matplotlib.axes.Axes | None = None) -> matplotlib.axes.Axes:
        """Share of customers beside share of value, by segment.

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
        >>> ax = clv.segment(pd.Series([60.0, 30.0, 6.0, 4.0]), q=2).plot()
        >>> ax.get_xlabel()
        'Share of customers and of value'
        >>> plt.close(ax.figure)
        """
        drawn: matplotlib.axes.Axes = importlib.import_module("clvmodels.plots.segment_profile").segments(self, ax)
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.2f}".format)


def _sentence(name: str, row: pd.Series[float], each: str) -> str:
    held = f" with {formats.share(row['share_of_value'])} of the value" if "share_of_value" in row else ""
    people = f"{formats.plural(row['customers'], 'customer')} ({formats.share(row['share_of_customers'])})"
    return f"{name}: {people}{held}, {each} each."


def _of(actual: Any, ids: pd.Index[Any]) -> Any:
    """What came of these customers only: others would shift the tiers."""
    if isinstance(actual, pd.Series):
        return for_all(actual, ids, "actual")
    return for_all(by_customer(actual), ids, "actual")
