"""What can be asked of a model of when customers buy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from clvmodels.arguments import whole
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.common import Answer, Predictions, series
from clvmodels.inference.population import quantities
from clvmodels.inference.population.population import Quantity
from clvmodels.inference.population.selection import Start
from clvmodels.inference.population.structure import Who
from clvmodels.signatures import checked
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PurchasePredictions(Predictions, kind="purchases"):
    """A purchase model with parameter values: predictions one row a customer."""

    def probability_alive(self, customers: Who = None, *, interval: float | None = None) -> Answer:
        """P(alive at the end of the observation | history), one row a customer.

        Under BG/NBD a customer without a repeat purchase is alive with certainty, so 1 - P(alive) is no attrition risk:
        see `purchase_probability`.

        Parameters
        ----------
        customers : Customers, "new" or None
            Whom to predict; None means those fitted, "new" a customer at the moment of the first purchase.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``probability_alive``, indexed by customer_id; with ``interval`` its ``_lower`` and ``_upper`` beside it.

        Raises
        ------
        ArgumentError
            The customers are no Customers, or the interval is no level.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> fit.probability_alive(clv.Customers.from_frame(table, unit="week")).round(3).to_dict()
        {1: 0.727, 2: 1.0}
        """
        return self._answer("probability_alive", quantities.probability_alive(), customers, interval)

    def survival(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, interval: float | None = None
    ) -> Answer:
        """P(alive ``horizon`` after the end of the observation | history).

        Parameters
        ----------
        horizon : float, str or sequence of these
            A number of ``unit``, or a span such as "90D"; several give a column each.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``survival``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            A horizon is no span, or an interval is asked for several.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> fit.survival("1Y", customers).round(3).to_dict()
        {1: 0.531, 2: 0.944}
        """
        return self._windows("survival", horizon, customers, interval, 0.0)

    @checked
    def expected_purchases(
        self,
        horizon: Span | Sequence[Span],
        customers: Who = None,
        *,
        start: Start = 0,
        interval: float | None = None,
        predictive: bool = False,
    ) -> Answer:
        """Expected number of purchases in the horizon, E[X | history].

        Parameters
        ----------
        horizon : float, str or sequence of these
            A number of ``unit``, or a span such as "90D", "39W", "12M", "1Y"; several give a column each. Whole months
            and years end on the day of the calendar where the customers know their last day; else a year is 365.25
            days.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start : float, str or pandas.Timestamp
            When the window begins: a span after the end of the observation, or a date.
        interval : float or None
            Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``, quantiles over draws of the parameters
            (`Fit.draws`); ``attrs["total"]`` holds the bounds of the sum over customers.
        predictive : bool
            Let the interval be of the number of purchases itself, with the randomness of the customers.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``expected_purchases``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            A horizon or start is no span, or predictive=True comes without an interval.
        UnsupportedPrediction
            A parameter is not identified, so that there is no interval.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           amount="amount", unit="week", observation_end="1997-09-30")
        >>> purchases = clv.fit(customers, "bg/nbd")
        >>> round(float(purchases.expected_purchases("39W").sum()), 1)
        1653.4
        >>> list(purchases.expected_purchases("39W", interval=0.90).columns)
        ['expected_purchases', 'expected_purchases_lower', 'expected_purchases_upper']
        """
        begin = self._start(start)
        if not predictive:
            return self._windows("expected_purchases", horizon, customers, interval, begin)
        if interval is None or begin or np.ndim(horizon) > 0:
            raise ArgumentError("predictive=True needs interval= and one horizon that begins now.")
        t = self._span(cast(Span, horizon), customers)
        expected, chance = quantities.expected("expected_purchases", t), quantities.simulated_purchases(t)
        return self._answer("expected_purchases", expected, customers, interval, chance, quantities.probability_alive())

    def purchase_probability(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, start: Start = 0, interval: float | None = None
    ) -> Answer:
        """P(at least one purchase in the horizon | history); 1 minus this is the attrition risk.

        Parameters
        ----------
        horizon : float, str or sequence of these
            A number of ``unit``, or a span such as "90D"; several give a column each.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start : float, str or pandas.Timestamp
            When the window begins: a span after the end of the observation, or a date.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``purchase_probability``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            A horizon or start is no span, or an interval is asked for several horizons.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> fit.purchase_probability("1Y", customers).round(3).to_dict()
        {1: 0.603, 2: 0.175}
        """
        return self._windows("purchase_probability", horizon, customers, interval, self._start(start))

    def purchases_pmf(
        self, n: int | Sequence[int], horizon: Span, customers: Who = None, *, interval: float | None = None
    ) -> Answer:
        """P(exactly n purchases in the horizon | history).

        Parameters
        ----------
        n : int or sequence of int
            How many purchases; several give a column each.
        horizon : float or str
            A number of ``unit``, or a span such as "90D".
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``purchases_pmf``, or a column for each n; indexed by customer_id.

        Raises
        ------
        ArgumentError
            n is no whole number of purchases, or an interval is asked for several.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> fit.purchases_pmf([0, 1], "1Y", customers).round(3).loc[1].tolist()
        [0.397, 0.22]
        """
        t = self._span(horizon, customers)
        what = "a whole number of purchases, 0 or more"
        asked: Any = [whole("n", one, what) for one in np.asarray(n)] if np.ndim(n) else whole("n", n, what)
        return self._each("purchases_pmf", asked, lambda k: quantities.purchases_pmf(t, k), customers, interval)

    @checked
    def discounted_expected_purchases(
        self,
        annual_discount_rate: float,
        horizon: Span | None = None,
        customers: Who = None,
        *,
        start: Start = 0,
        interval: float | None = None,
    ) -> Answer:
        """Expected purchases, each discounted from its time to the end of the observation.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 is 10 % a year; compounded continuously within it.
        horizon : float, str or None
            A span; None means for life (discounted expected residual transactions, DERT).
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start : float, str or pandas.Timestamp
            When the window begins: a span after the end of the observation, or a date.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``discounted_expected_purchases``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            The rate is no rate, or is 0 for life, which can be infinite.

        References
        ----------
        Fader, Hardie and Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
        Marketing Research 42(4).

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> fit.discounted_expected_purchases(0.10, customers=customers).round(2).to_dict()
        {1: 6.37, 2: 1.3}
        """
        name = "discounted_expected_purchases"
        length = None if horizon is None else self._span(horizon, customers, self._start(start))
        return self._answer(name, self.discounted(name, annual_discount_rate, length, start), customers, interval)

    def discounted_time_alive(
        self,
        annual_discount_rate: float,
        horizon: Span | None = None,
        customers: Who = None,
        *,
        start: Start = 0,
        interval: float | None = None,
    ) -> Answer:
        """Expected time alive in the horizon, in ``unit``, discounted: what a cost that runs while alive is worth.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 is 10 % a year; compounded continuously within it.
        horizon : float, str or None
            A span; None means for life.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start : float, str or pandas.Timestamp
            When the window begins: a span after the end of the observation, or a date.
        interval : float or None
            Level of an interval, such as 0.90, as in `expected_purchases`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``discounted_time_alive``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            The rate is no rate, or is 0 for life, which can be infinite.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> fit.discounted_time_alive(0.10, "1Y", customers).round(1).to_dict()  # of 52 weeks
        {1: 30.7, 2: 48.3}
        """
        name = "discounted_time_alive"
        length = None if horizon is None else self._span(horizon, customers, self._start(start))
        return self._answer(name, self.discounted(name, annual_discount_rate, length, start), customers, interval)

    def simulate(self, horizon: Span, customers: Who = None, *, seed: int = 0) -> pd.Series[float]:
        """Random numbers of purchases in the horizon, one draw a customer given the history.

        Parameters
        ----------
        horizon : float or str
            A number of ``unit``, or a span such as "90D".
        customers : Customers, "new" or None
            Whom to simulate; None means those fitted.
        seed : int
            Of the randomness.

        Returns
        -------
        pandas.Series
            ``purchases``, indexed by customer_id.

        Raises
        ------
        ArgumentError
            The horizon is no span.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> len(clv.fit(customers, "bg/nbd").simulate("39W", seed=1))
        2357
        """
        chance = quantities.simulated_purchases(self._span(horizon, customers))
        each = self.population(customers).one_row_each()
        counts = each.simulate(chance, self.parameters, np.random.default_rng(whole("seed", seed)))
        return series(each, counts, "purchases")

    def discounted(
        self, name: str, annual_discount_rate: float, horizon: Span | None, start: Start = 0, *change: float
    ) -> Quantity:
        """A discounted quantity as a function of parameters and population: what value is made of.

        Parameters
        ----------
        name : {"discounted_expected_purchases", "discounted_time_alive", "changed_purchases", "changed_time_alive"}
            The quantity.
        annual_discount_rate : float
            0.10 is 10 % a year.
        horizon : float, str or None
            A span; None means for life.
        start : float, str or pandas.Timestamp, default 0
            When the window begins: a span after the end of the observation, or a date.
        *change : float
            Of the changed ones: what the rate of purchase and dropout are multiplied by from now on.

        Returns
        -------
        Quantity
            A function of a population and parameters, which `Population.evaluate` takes.

        Raises
        ------
        ArgumentError
            The rate is no rate, or is 0 for life, which can be infinite.

        Examples
        --------
        >>> import clvmodels as clv
        >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
        >>> table = pd.DataFrame({"frequency": [2, 0], "recency": [30.43, 0.0], "T": 38.86}, index=[1, 2])
        >>> customers = clv.Customers.from_frame(table, unit="week")
        >>> quantity = fit.discounted("discounted_expected_purchases", 0.10, "1Y")
        >>> fit.population(customers).evaluate(quantity, fit.parameters).round(2).tolist()
        [1.5, 0.24]
        """
        delta = discount_rate_per_unit(annual_discount_rate, self.unit)
        t = np.inf if horizon is None else span_in_units(horizon, self.unit)
        if delta == 0.0 and t == np.inf:
            raise ArgumentError(
                "Without discounting, what a customer does for life can be infinite. Pass a horizon or a rate above 0."
            )
        return quantities.expected(name, t, delta, *change, start=self._start(start))

    def _windows(
        self, name: str, horizon: Span | Sequence[Span], customers: Who, interval: float | None, start: float
    ) -> Answer:
        def quantity(span: Span) -> Quantity:
            return quantities.expected(name, self._span(span, customers, start), start=start)

        return self._each(name, horizon, quantity, customers, interval)
