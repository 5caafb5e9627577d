"""Predictions of a fitted model, one row a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.data.covariates import Learned
from clvmodels.inference.fits.unsupported import unsupported
from clvmodels.inference.population import quantities
from clvmodels.inference.population.base import Base
from clvmodels.inference.population.calendar_data import Varying
from clvmodels.inference.population.intervals import bounds, check_level, records
from clvmodels.inference.population.selection import Start, Who, base_for, start_in_units
from clvmodels.models.protocol import Model, PurchaseModel, SpendModel
from clvmodels.transactions.units import Span, discount_rate_per_unit, span_in_units

Answer = Any  # a Series, or a DataFrame for several columns and for intervals


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Predictions:
    """A model with parameter values, and what it says about customers.

    Attributes
    ----------
    model : str
        Name of the model.
    parameters : dict of str to float
        Values on their natural scale, times in ``unit``; with covariates those of a customer whose covariates are all 0
        (categories at their first level), followed by the coefficients.
    unit : str
        Unit of time.
    observation_end : pandas.Timestamp or None
        Last day of the data.
    customers : Customers, Subscriptions or None
        Those fitted; None after `clvmodels.load`, since a file holds no data.
    covariates : Learned or None
        Formulas and what they have learned.
    varying : Varying or None
        Covariates that vary in time, by period; None after `clvmodels.load` too, see `with_varying`.
    """

    model: str
    parameters: dict[str, float]
    unit: str
    observation_end: pd.Timestamp | None = None
    customers: Any = None  # Customers, or Subscriptions for models of renewals
    covariates: Learned | None = None
    varying: Varying | None = None

    @cached_property
    def definition(self) -> Model:
        """The model: what it states about itself, and its functions."""
        return models.get(self.model)

    @property
    def own_parameters(self) -> dict[str, float]:
        """The model's own parameters, without the coefficients of covariates."""
        return {name: self.parameters[name] for name in self.definition.spec.parameters}

    def probability_alive(self, customers: Who = None, *, interval: float | None = None) -> Answer:
        """P(alive at the end of the observation | history), one row a customer.

        Under BG/NBD a customer without a repeat purchase is alive with certainty, so 1 - P(alive) is no attrition risk:
        see `purchase_probability`.

        Parameters
        ----------
        customers : Customers, "new" or None
            Whom to predict; None means those fitted, "new" a customer at the moment of the first purchase.
        interval
            As in `expected_purchases`.
        """
        model = self._purchases("probability_alive")
        return self._answer("probability_alive", quantities.probability_alive(model), customers, interval)

    def survival(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, interval: float | None = None
    ) -> Answer:
        """P(alive ``horizon`` after the end of the observation | history)."""
        return self._windows("survival", horizon, customers, interval)

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
        horizon
            A number of ``unit``, or a span such as "90D", "39W", "12M", "1Y"; several give a column each.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start
            When the window begins: a span after the end of the observation, or a date.
        interval
            Level of an interval, such as 0.90: adds ``_lower`` and ``_upper``, quantiles over draws of the parameters
            (`Fit.draws`); ``attrs["total"]`` holds the bounds of the sum over customers.
        predictive
            Let the interval be of the number of purchases itself, with the randomness of the customers.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            Indexed by customer_id.

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
            return self._windows("expected_purchases", horizon, customers, interval, start=begin)
        if interval is None or begin or not _is_one(horizon):
            raise ArgumentError("predictive=True needs interval= and one horizon that begins now.")
        model, t = self._purchases("expected_purchases"), self._span(cast(Span, horizon))
        return self._answer(
            "expected_purchases",
            quantities.expected(model, "expected_purchases", t),
            customers,
            interval,
            around=quantities.simulated_purchases(model, t, seed=0),
        )

    def purchase_probability(
        self,
        horizon: Span | Sequence[Span],
        customers: Who = None,
        *,
        start: Start = 0,
        interval: float | None = None,
    ) -> Answer:
        """P(at least one purchase in the horizon | history); 1 minus this is the attrition risk.

        Parameters as in `expected_purchases`.
        """
        return self._windows("purchase_probability", horizon, customers, interval, start=self._start(start))

    def purchases_pmf(
        self,
        n: int | Sequence[int],
        horizon: Span,
        customers: Who = None,
        *,
        interval: float | None = None,
    ) -> Answer:
        """P(exactly n purchases in the horizon | history); several n give a column each."""
        model, t = self._purchases("purchases_pmf"), self._span(horizon)
        counts = list(np.atleast_1d(np.asarray(n, dtype=np.float64)))
        if any(count != int(count) or count < 0 for count in counts):
            raise ArgumentError(f"n must be a whole number of purchases, 0 or more, not {n!r}.")
        computes = {int(count): quantities.purchases_pmf(model, t, int(count)) for count in counts}
        return self._columns("purchases_pmf", computes, customers, interval, one=np.ndim(n) == 0)

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
        annual_discount_rate
            0.10 is 10 % a year; compounded continuously within it.
        horizon
            A span; None means for life (discounted expected residual transactions, DERT).
        customers, start, interval
            As in `expected_purchases`.
        """
        name = "discounted_expected_purchases"
        return self._answer(name, self.discounted(name, annual_discount_rate, horizon, start), customers, interval)

    def discounted_time_alive(
        self,
        annual_discount_rate: float,
        horizon: Span | None = None,
        customers: Who = None,
        *,
        start: Start = 0,
        interval: float | None = None,
    ) -> Answer:
        """Expected time alive in the horizon, in ``unit``, discounted: what a cost that runs while alive is worth."""
        name = "discounted_time_alive"
        return self._answer(name, self.discounted(name, annual_discount_rate, horizon, start), customers, interval)

    def expected_spend(
        self, customers: Who = None, *, interval: float | None = None, predictive: bool = False
    ) -> Answer:
        """Expected spend a purchase, E[mean spend | history], one row a customer, in the currency of the data.

        Customers without repeat spend get the mean of the population. With ``predictive=True`` the interval is of the
        amount of one purchase. Other parameters as in `expected_purchases`.
        """
        model = self._spend("expected_spend")
        base = self._base(customers)
        infinite = np.isinf(base.histories.spread(quantities.expected_spend(model)(self.parameters, base)))
        if infinite.any():
            raise UnsupportedPrediction(
                f"The expected spend of {int(infinite.sum()):,} of {len(infinite):,} customers is infinite. "
                + " ".join(self.definition.diagnose(**self.own_parameters))
            )
        around = quantities.simulated_spend(model, seed=0) if predictive else None
        return self._answer("expected_spend", quantities.expected_spend(model), base, interval, around=around)

    def simulate(self, horizon: Span, customers: Who = None, *, seed: int = 0) -> pd.Series[float]:
        """Random numbers of purchases in the horizon, one draw a customer given the history.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> len(clv.fit(customers, "bg/nbd").simulate("39W", seed=1))
        2357
        """
        compute = quantities.simulated_purchases(self._purchases("simulate"), self._span(horizon), seed)
        base = self._base(customers).apart()
        return base.series(compute(self.parameters, base), "purchases")

    def draws(self, n: int = 1_000) -> pd.DataFrame:
        """Draws of the parameters; a `Fit` has them."""
        raise UnsupportedPrediction("Bare parameters have no uncertainty: intervals come with a Fit.")

    # --- under it -----------------------------------------------------------------------------------------------------

    def discounted(self, quantity: str, rate: float, horizon: Span | None, start: Start = 0) -> quantities.Compute:
        """A discounted quantity as a function of parameters and customers."""
        model = self._purchases(quantity)
        delta = discount_rate_per_unit(rate, self.unit)
        t = np.inf if horizon is None else self._span(horizon)
        if delta == 0.0 and t == np.inf:
            raise ArgumentError(
                "Without discounting, what a customer does for life can be infinite. Pass a horizon or a rate above 0."
            )
        return quantities.expected(model, quantity, t, delta, start=self._start(start))

    def _windows(
        self, name: str, horizon: Span | Sequence[Span], customers: Who, interval: float | None, **options: float
    ) -> Answer:
        model = self._purchases(name)
        spans = [cast(Span, horizon)] if _is_one(horizon) else list(cast(Sequence[Span], horizon))
        computes = {span: quantities.expected(model, name, self._span(span), **options) for span in spans}
        return self._columns(name, computes, customers, interval, one=_is_one(horizon))

    def _columns(
        self,
        name: str,
        computes: Mapping[Any, quantities.Compute],
        customers: Who,
        interval: float | None,
        *,
        one: bool,
    ) -> Answer:
        """One answer, or a column for each of several."""
        if one:
            return self._answer(name, next(iter(computes.values())), customers, interval)
        if interval is not None:
            raise ArgumentError("interval= goes with one horizon or number at a time.")
        base = self._base(customers)
        columns = {key: base.series(compute(self.parameters, base), name) for key, compute in computes.items()}
        return pd.DataFrame(columns, index=base.ids)

    def _answer(
        self,
        name: str,
        compute: quantities.Compute,
        customers: Who | Base,
        interval: float | None,
        around: quantities.Compute | None = None,
    ) -> Answer:
        """A quantity at the parameters, with bounds over draws of it (or of what is ``around`` it) if asked for."""
        base = customers if isinstance(customers, Base) else self._base(customers)
        point = base.series(compute(self.parameters, base), name)
        if interval is None:
            return point
        level = check_level(interval)
        where = base if around is None else base.apart()  # customers who share a history do not share their luck
        found = bounds(around or compute, records(self.draws()), where, level)
        result = pd.DataFrame(
            {
                name: point,
                f"{name}_lower": where.series(found.lower, name),
                f"{name}_upper": where.series(found.upper, name),
            }
        )
        result.attrs["total"] = {
            name: {"estimate": float(point.sum()), "lower": found.total[0], "upper": found.total[1]}
        }
        return result

    def _base(self, customers: Who) -> Base:
        return base_for(self, customers, self.customers)

    def _span(self, horizon: Span) -> float:
        return span_in_units(horizon, self.unit)

    def _start(self, start: Start) -> float:
        return start_in_units(start, self.unit, self.observation_end)

    def _purchases(self, quantity: str) -> PurchaseModel:
        if not isinstance(self.definition, PurchaseModel):
            raise unsupported(self.definition, quantity, "purchases")
        return self.definition

    def _spend(self, quantity: str) -> SpendModel:
        if not isinstance(self.definition, SpendModel):
            raise unsupported(self.definition, quantity, "spend")
        return self.definition


def _is_one(horizon: object) -> bool:
    return isinstance(horizon, str) or np.ndim(cast(Any, horizon)) == 0
