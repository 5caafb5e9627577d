"""Predictions of a fitted model of renewals: who stays, how long, and what that is worth in periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions import Answer, Predictions
from clvmodels.inference.fits.unsupported import unsupported
from clvmodels.inference.population.base import Parameters
from clvmodels.inference.population.intervals import check_level, quantiles, records
from clvmodels.models.protocol import RenewalModel
from clvmodels.transactions.subscriptions.subscriptions import Subscriptions
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units

Array = NDArray[np.float64]
type Subscribers = Subscriptions | str | None


class Renewed(NamedTuple):
    """Distinct numbers of renewals ``made``, customers at each, and the way back to the rows and who is in each."""

    made: Array
    size: Array
    rows: NDArray[np.intp]
    ids: pd.Index[Any]
    customers: Array


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Retention(Predictions):
    """A model with parameter values, and what it says about subscribers.

    Predictions are for those who are still there at the end of the observation, one row each (one row a cohort of a
    survival table), or for ``customers="new"``. Time goes in whole periods, from one renewal to the next.
    """

    def survival(
        self, horizon: Span | Sequence[Span], customers: Any = None, *, interval: float | None = None
    ) -> Answer:
        """P(still a customer ``horizon`` after the end of the observation | history).

        Of a subscriber: P(the next ``horizon`` renewals are made). Several horizons give a column each.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 631, 468, 382, 326, 289, 262, 241]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.survival("5Y").round(3).to_dict()
        {'all': 0.711}
        """
        if self.definition.spec.kind != "subscriptions":
            return super().survival(horizon, customers, interval=interval)
        if isinstance(horizon, str) or np.ndim(horizon) == 0:
            return self._stay(cast(Span, horizon), customers, np.exp, "survival", interval)
        if interval is not None:
            raise ArgumentError("interval= goes with one horizon at a time.")
        spans = cast(Sequence[Span], horizon)
        return pd.DataFrame({span: self._stay(span, customers, np.exp, "survival", None) for span in spans})

    def retention(self, customers: Subscribers = None, *, interval: float | None = None) -> Answer:
        """P(the next renewal is made | history), one row a subscriber."""
        return self._stay(1, customers, np.exp, "retention", interval)

    def churn_risk(self, horizon: Span = 1, customers: Subscribers = None, *, interval: float | None = None) -> Answer:
        """P(one of the renewals in ``horizon`` is not made | history), one row a subscriber.

        For the next renewal this is 1 - r_t, Fader and Hardie (2007). With ``interval=0.90`` bounds are added, and
        ``attrs["total"]`` holds those of the number of subscribers lost.
        """
        return self._stay(horizon, customers, lambda log_stay: -np.expm1(log_stay), "churn_risk", interval)

    def discounted_lifetime(
        self,
        annual_discount_rate: float,
        horizon: Span | None = None,
        customers: Subscribers = None,
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
        annual_discount_rate
            0.10 is 10 % a year; payments are at the beginning of a period.
        horizon
            How many periods count; None means for life.
        customers : Subscriptions, "new" or None
            Whom to predict; None means those fitted.
        until_renewal
            Periods from now to the next renewal: 0 if it is due, 1 if one has just been made.
        interval
            Level of an interval over draws of the parameters, such as 0.90: adds ``_lower`` and ``_upper``.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            In periods.

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> float(fit.discounted_lifetime(0.10, customers="new").iloc[0].round(2))
        5.92
        """
        new = isinstance(customers, str)
        value = self.discounted_periods(annual_discount_rate, horizon, new=new)
        if not 0.0 <= until_renewal <= 1.0:
            raise ArgumentError(f"until_renewal is the part of a period to go, from 0 to 1, not {until_renewal!r}.")
        if new and until_renewal:
            raise ArgumentError("until_renewal has no meaning for a new customer, whose first period begins now.")
        waiting = np.exp(-discount_rate_per_unit(annual_discount_rate, self.unit) * until_renewal)
        return self._by_renewals(
            lambda n, parameters: waiting * value(n, parameters), customers, "discounted_lifetime", interval
        )

    def discounted_periods(
        self, annual_discount_rate: float, horizon: Span | None, *, new: bool
    ) -> Callable[[Array, Parameters], Array]:
        """Discounted periods to come as a function of the renewals made and the parameters.

        Of a ``new`` customer from the first one on, else from the next renewal on, which is due now.
        """
        model = self._renewals("discounted_lifetime")
        delta = discount_rate_per_unit(annual_discount_rate, self.unit)
        count = np.inf if horizon is None else self._periods(horizon)
        if delta == 0.0 and count == np.inf:
            raise ArgumentError("Without discounting, a lifetime can be infinite. Pass a horizon or a rate above 0.")

        def periods(n: Array, parameters: Parameters) -> Array:
            if new:
                return model.discounted_lifetime(n, delta, count, **parameters)
            renewed = np.exp(model.log_survival(n, 1.0, **parameters))
            return renewed * model.discounted_lifetime(n + 1.0, delta, count, **parameters)

        return periods

    def survival_curve(self, periods: int, *, interval: float | None = None) -> Answer:
        """S(t): share of new customers who are still there after t = 0, 1, …, ``periods`` renewals.

        Beyond the data it is the projection of Fader and Hardie (2007).

        Examples
        --------
        >>> import clvmodels as clv
        >>> counts = [1000, 869, 743, 653, 593, 551, 517, 491]
        >>> fit = clv.fit(clv.Subscriptions.from_survival(counts, unit="year"), "sbg")
        >>> fit.survival_curve(12).loc[8:].round(3).to_list()  # seen later: .468, .445, .427, .409, .394
        [0.46, 0.436, 0.414, 0.395, 0.378]
        """
        model = self._renewals("survival_curve")
        t = np.arange(self._periods(periods) + 1.0)
        return self._curve(
            lambda parameters: np.exp(model.log_survival(np.zeros(len(t)), t, **parameters)),
            pd.RangeIndex(len(t), name="period"),
            "survival",
            interval,
        )

    def retention_curve(self, periods: int, *, interval: float | None = None) -> Answer:
        """r_t = S(t) / S(t - 1): share of those still there who make renewal t = 1, …, ``periods``."""
        model = self._renewals("retention_curve")
        n = np.arange(float(self._periods(periods)))
        return self._curve(
            lambda parameters: np.exp(model.log_survival(n, 1.0, **parameters)),
            pd.RangeIndex(1, len(n) + 1, name="period"),
            "retention",
            interval,
        )

    def expected_customers(
        self, periods: int, customers: Subscribers = None, *, interval: float | None = None
    ) -> Answer:
        """How many of those still there are expected to be after 0, 1, …, ``periods`` more renewals each."""
        model, who = self._renewals("expected_customers"), self.renewed(customers)
        t = np.arange(self._periods(periods) + 1.0)
        return self._curve(
            lambda parameters: who.size @ np.exp(model.log_survival(who.made[:, None], t, **parameters)),
            pd.RangeIndex(len(t), name="period"),
            "expected_customers",
            interval,
        )

    # --- under it -----------------------------------------------------------------------------------------------------

    def _stay(
        self,
        horizon: Span,
        customers: Subscribers,
        what: Callable[[Array], Array],
        name: str,
        interval: float | None,
    ) -> Answer:
        model, t = self._renewals(name), self._periods(horizon)
        return self._by_renewals(
            lambda n, parameters: what(model.log_survival(n, t, **parameters)), customers, name, interval
        )

    def _by_renewals(
        self,
        function: Callable[[Array, Parameters], Array],
        customers: Subscribers,
        name: str,
        interval: float | None,
    ) -> Answer:
        """A function of the renewals made, computed once for each number of them."""
        who = self.renewed(customers)
        point = pd.Series(function(who.made, self.parameters)[who.rows], index=who.ids, name=name)
        if interval is None:
            return point
        level = check_level(interval)
        values = np.stack([function(who.made, parameters) for parameters in records(self.draws())], axis=1)
        lower, upper = quantiles(values, level)
        low, high = quantiles(who.size @ values, level)
        result = pd.DataFrame({name: point, f"{name}_lower": lower[who.rows], f"{name}_upper": upper[who.rows]})
        estimate = float(who.size @ function(who.made, self.parameters))
        result.attrs["total"] = {name: {"estimate": estimate, "lower": float(low), "upper": float(high)}}
        return result

    def _curve(
        self, function: Callable[[Parameters], Array], index: pd.RangeIndex, name: str, interval: float | None
    ) -> Answer:
        """A function of the parameters over periods."""
        point = pd.Series(function(self.parameters), index=index, name=name)
        if interval is None:
            return point
        values = np.stack([function(parameters) for parameters in records(self.draws())], axis=1)
        lower, upper = quantiles(values, check_level(interval))
        return pd.DataFrame({name: point, f"{name}_lower": lower, f"{name}_upper": upper})

    def renewed(self, customers: Subscribers) -> Renewed:
        """Those to predict, by the number of renewals they have made."""
        if isinstance(customers, str):
            if customers != "new":
                raise ArgumentError(f'customers must be Subscriptions or "new", not {customers!r}.')
            ids = pd.Index(["new"], name="customer_id")
            return Renewed(np.zeros(1), np.ones(1), np.zeros(1, dtype=np.intp), ids, np.ones(1))
        active = self._active(customers)
        made, rows = np.unique(active["periods"].to_numpy(dtype=np.float64), return_inverse=True)
        number = active["customers"].to_numpy(dtype=np.float64)
        size = np.bincount(rows, weights=number, minlength=len(made))
        return Renewed(made, size, rows, active.index, number)

    def _active(self, customers: Subscribers) -> pd.DataFrame:
        chosen = self.customers if customers is None else customers
        if chosen is None:
            raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.Subscriptions makes them.")
        if not isinstance(chosen, Subscriptions):
            raise ArgumentError(f'customers must be Subscriptions or "new", not {type(chosen).__name__}.')
        if chosen.unit != self.unit:
            raise ArgumentError(
                f"These customers renew each {chosen.unit}, the model was fitted to renewals each {self.unit}. Fit it "
                "to these, or make Subscriptions with the same unit."
            )
        return chosen.table[chosen.table["active"]]

    def _periods(self, horizon: Span) -> float:
        t = span_in_units(horizon, self.unit)
        whole = float(np.round(t))
        if abs(t - whole) > 1e-9 * max(t, 1.0):
            raise ArgumentError(
                f"horizon {horizon!r} is {t:.4g} {self.unit}s, but renewals come each {self.unit}: pass a whole number "
                f"of {self.unit}s."
            )
        return whole

    def _renewals(self, quantity: str) -> RenewalModel:
        if not isinstance(self.definition, RenewalModel):
            raise unsupported(self.definition, quantity, "subscriptions")
        return self.definition
