"""What can be asked of a model of renewals: who stays, how long, and what that is worth in periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from clvmodels.arguments import finite
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.common import Answer, Predictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import check_level, quantiles
from clvmodels.inference.population.population import Parameters, Quantity
from clvmodels.inference.population.renewals import RenewalPopulation
from clvmodels.inference.population.structure import Who
from clvmodels.models.protocol import RenewalModel
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RenewalPredictions(Predictions, kind="subscriptions"):
    """A model of renewals with parameter values, and what it says about subscribers.

    Predictions are for those who are still there at the end of the observation, one row each (one row a cohort of a
    survival table), or for ``customers="new"``. Time goes in whole periods, from one renewal to the next.
    """

    def survival(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, interval: float | None = None
    ) -> Answer:
        """P(the renewals in the next ``horizon`` are made | history).

        Parameters
        ----------
        horizon : float, str or sequence of these
            A whole number of periods, or a span such as "5Y"; several give a column each.
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, such as 0.90: adds ``_lower`` and ``_upper`` over draws of the parameters.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``survival``, one row a subscriber or cohort.

        Raises
        ------
        ArgumentError
            The horizon is no whole number of periods, or an interval is asked for several.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.survival("5Y").round(3).to_dict()
        {'all': 0.711}
        """
        return self._each("survival", horizon, lambda span: quantities.stays(self._periods(span)), customers, interval)

    def retention(self, customers: Who = None, *, interval: float | None = None) -> Answer:
        """P(the next renewal is made | history), one row a subscriber.

        Parameters
        ----------
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, as in `survival`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``retention``, one row a subscriber or cohort.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.retention().round(3).to_dict()
        {'all': 0.921}
        """
        return self._answer("retention", quantities.stays(1.0), customers, interval)

    def churn_risk(self, horizon: Span = 1, customers: Who = None, *, interval: float | None = None) -> Answer:
        """P(one of the renewals in ``horizon`` is not made | history), one row a subscriber.

        For the next renewal this is 1 - r_t, Fader and Hardie (2007). With ``interval=0.90`` bounds are added, and
        ``attrs["total"]`` holds those of the number of subscribers lost.

        Parameters
        ----------
        horizon : float or str
            A whole number of periods, or a span such as "1Y".
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, as in `survival`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``churn_risk``, one row a subscriber or cohort.

        Raises
        ------
        ArgumentError
            The horizon is no whole number of periods.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.churn_risk("2Y").round(3).to_dict()
        {'all': 0.145}
        """
        lost = quantities.stays(self._periods(horizon), lambda log_stay: -np.expm1(log_stay))
        return self._answer("churn_risk", lost, customers, interval)

    def discounted_lifetime(
        self,
        annual_discount_rate: float,
        horizon: Span | None = None,
        customers: Who = None,
        *,
        until_renewal: float = 0.0,
        interval: float | None = None,
    ) -> Answer:
        """Expected number of periods to come, each discounted from its beginning.

        Times the margin a period it is the value of a subscriber. Of who is still there, it counts the periods from the
        next renewal on: just before that renewal is made, or not, this is the discounted expected residual lifetime of
        Fader and Hardie (2010), Customer-Base Valuation in a Contractual Setting. Of a new customer it counts all, the
        first one undiscounted.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 is 10 % a year; payments are at the beginning of a period.
        horizon : float, str or None
            How many periods count; None means for life.
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        until_renewal : float
            Periods from now to the next renewal: 0 if it is due, 1 if one has just been made.
        interval : float or None
            Level of an interval over draws of the parameters, such as 0.90: adds ``_lower`` and ``_upper``.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``discounted_lifetime`` in periods, one row a subscriber or cohort.

        Raises
        ------
        ArgumentError
            The horizon is no whole number of periods, ``until_renewal`` is not between 0 and 1, or a rate of 0 makes a
            lifetime infinite.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> float(fit.discounted_lifetime(0.10, customers="new").iloc[0].round(2))
        5.92
        """
        until_renewal = finite("until_renewal", until_renewal, "the part of a period to go, from 0 to 1", 0.0, 1.0)
        if isinstance(customers, str) and until_renewal:
            raise ArgumentError("until_renewal has no meaning for a new customer, whose first period begins now.")
        waiting = float(np.exp(-discount_rate_per_unit(annual_discount_rate, self.unit) * until_renewal))
        periods = self.discounted_periods(annual_discount_rate, horizon, waiting=waiting)
        return self._answer("discounted_lifetime", periods, customers, interval)

    def discounted_periods(
        self, annual_discount_rate: float, horizon: Span | None, *, waiting: float = 1.0, dropout: float = 1.0
    ) -> Quantity:
        """Discounted periods to come as a function of parameters and population: what value is made of.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 is 10 % a year; payments are at the beginning of a period.
        horizon : float, str or None
            How many periods count; None means for life.
        waiting : float, default 1.0
            Discount from the first of these periods to now.
        dropout : float, default 1.0
            What each customer's own probability of leaving at a renewal is multiplied by from now on.

        Returns
        -------
        Quantity
            Of a new customer from the first period on, else from the next renewal on, which is due now.

        Raises
        ------
        ArgumentError
            The horizon is no whole number of periods, or a rate of 0 makes a lifetime infinite.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> periods = fit.discounted_periods(0.10, "5Y")
        >>> fit.population("new").evaluate(periods, fit.parameters).round(2).tolist()
        [2.48]
        """
        delta = discount_rate_per_unit(annual_discount_rate, self.unit)
        count = np.inf if horizon is None else self._periods(horizon)
        if delta == 0.0 and count == np.inf:
            raise ArgumentError("Without discounting, a lifetime can be infinite. Pass a horizon or a rate above 0.")
        return quantities.discounted_periods(delta, count, waiting=waiting, dropout=dropout)

    def survival_curve(self, periods: int, *, interval: float | None = None) -> Answer:
        """S(t): share of new customers who are still there after t = 0, 1, …, ``periods`` renewals.

        Beyond the data it is the projection of Fader and Hardie (2007).

        Parameters
        ----------
        periods : int
            The last number of renewals.
        interval : float or None
            Level of an interval, as in `survival`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``survival``, indexed by ``period``.

        Raises
        ------
        ArgumentError
            ``periods`` is no whole number.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.survival_curve(12).loc[8:].round(3).to_list()  # seen later: .468, .445, .427, .409, .394
        [0.46, 0.436, 0.414, 0.395, 0.378]
        """
        t = np.arange(self._periods(periods) + 1.0)
        return self._curve("survival", lambda own: np.exp(self._model.log_survival(0.0 * t, t, **own)), interval)

    def retention_curve(self, periods: int, *, interval: float | None = None) -> Answer:
        """r_t = S(t) / S(t - 1): share of those still there who make renewal t = 1, …, ``periods``.

        Parameters
        ----------
        periods : int
            The last renewal.
        interval : float or None
            Level of an interval, as in `survival`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``retention``, indexed by ``period``.

        Raises
        ------
        ArgumentError
            ``periods`` is no whole number.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.retention_curve(4).round(3).tolist()
        [0.627, 0.756, 0.819, 0.856]
        """
        n = np.arange(self._periods(periods))
        return self._curve("retention", lambda own: np.exp(self._model.log_survival(n, 1.0, **own)), interval, first=1)

    def expected_customers(self, periods: int, customers: Who = None, *, interval: float | None = None) -> Answer:
        """How many of those still there are expected to be after 0, 1, …, ``periods`` more renewals each.

        Parameters
        ----------
        periods : int
            The last number of renewals.
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        interval : float or None
            Level of an interval, as in `survival`.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``expected_customers``, indexed by ``period``.

        Raises
        ------
        ArgumentError
            ``periods`` is no whole number.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.expected_customers(3).round().tolist()
        [241.0, 222.0, 206.0, 193.0]
        """
        rows = cast(RenewalPopulation, self.population(customers))
        t = np.arange(self._periods(periods) + 1.0)
        return self._curve("expected_customers", lambda own: rows.weight @ np.exp(rows.log_survival(own, t)), interval)

    # --- private helpers ----------------------------------------------------------------------------------------------

    @property
    def _model(self) -> RenewalModel:
        return cast(RenewalModel, self.definition)

    def _curve(
        self, name: str, function: Callable[[Parameters], Array], interval: float | None, *, first: int = 0
    ) -> Answer:
        """A function of the parameters over periods, from the ``first`` one on."""
        point = pd.Series(function(self.parameters), name=name)
        point.index = pd.RangeIndex(first, first + len(point), name="period")
        if interval is None:
            return point
        values = np.stack([function(parameters) for parameters in self._records], axis=1)
        lower, upper = quantiles(values, check_level(interval))
        return pd.DataFrame({name: point, f"{name}_lower": lower, f"{name}_upper": upper})

    def _periods(self, horizon: Span) -> float:
        t = span_in_units(horizon, self.unit)
        whole = float(np.round(t))
        if abs(t - whole) > 1e-9 * max(t, 1.0):
            raise ArgumentError(
                f"horizon {horizon!r} is {t:.4g} {self.unit}s, but renewals come each {self.unit}: pass a whole number "
                f"of {self.unit}s."
            )
        return whole
