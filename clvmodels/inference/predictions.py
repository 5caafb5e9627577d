"""Predictions of a fitted model, one row a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from clvmodels import models
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference import predict
from clvmodels.inference.unsupported import unsupported
from clvmodels.models.protocol import Model, PurchaseModel, SpendModel
from clvmodels.models.special import expit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, discount_rate_per_unit, span_in_units

type Who = Customers | Literal["new"] | None
type Start = Span | pd.Timestamp


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Predictions:
    """A model with parameter values, and what it says about customers.

    Attributes
    ----------
    model : str
        Name of the model.
    parameters : dict of str to float
        Values on their natural scale, times in ``unit``.
    unit : str
        Unit of time.
    observation_end : pandas.Timestamp or None
        Last day of the data.
    customers : Customers, Subscriptions or None
        Those fitted; None after `clvmodels.load`, since a file holds no data.
    """

    model: str
    parameters: dict[str, float]
    unit: str
    observation_end: pd.Timestamp | None = None
    customers: Any = None  # Customers, or Subscriptions for models of renewals

    @cached_property
    def definition(self) -> Model:
        """The module of the model."""
        return models.get(self.model)

    def probability_alive(self, customers: Who = None) -> pd.Series[float]:
        """P(alive at the end of the observation | history), one row a customer.

        Under BG/NBD a customer without a repeat purchase is alive with certainty, so 1 - P(alive) is no attrition risk:
        see `purchase_probability`.

        Parameters
        ----------
        customers : Customers, "new" or None
            Whom to predict; None means those fitted, "new" a customer at the moment of the first purchase.
        """
        model, base = self._purchases("probability_alive"), self._base(customers)
        alive = expit(predict.log_odds_alive(model, self.parameters, base))
        return base.series(alive, "probability_alive")

    def survival(self, horizon: Span | Sequence[Span], customers: Who = None) -> pd.Series[float] | pd.DataFrame:
        """P(alive ``horizon`` after the end of the observation | history)."""
        return self._windows("survival", "survival", horizon, customers, None, at_0=None)

    def expected_purchases(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, start: Start = 0
    ) -> pd.Series[float] | pd.DataFrame:
        """Expected number of purchases in the horizon, E[X | history].

        Parameters
        ----------
        horizon
            A number of ``unit``, or a span such as "90D", "39W", "12M", "1Y"; several give a column each.
        customers : Customers, "new" or None
            Whom to predict; None means those fitted.
        start
            When the window begins: a span after the end of the observation, or a date.

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
        """
        return self._windows("expected_purchases", "expected_purchases", horizon, customers, start)

    def purchase_probability(
        self, horizon: Span | Sequence[Span], customers: Who = None, *, start: Start = 0
    ) -> pd.Series[float] | pd.DataFrame:
        """P(at least one purchase in the horizon | history); 1 minus this is the attrition risk.

        Parameters as in `expected_purchases`.
        """
        return self._windows("purchase_probability", "purchase_probability", horizon, customers, start)

    def purchases_pmf(
        self, n: int | Sequence[int], horizon: Span, customers: Who = None
    ) -> pd.Series[float] | pd.DataFrame:
        """P(exactly n purchases in the horizon | history); several n give a column each."""
        model, base = self._purchases("purchases_pmf"), self._base(customers)
        t = span_in_units(horizon, self.unit)
        counts = list(np.atleast_1d(np.asarray(n, dtype=np.float64)))
        if any(count != int(count) or count < 0 for count in counts):
            raise ArgumentError(f"n must be a whole number of purchases, 0 or more, not {n!r}.")
        columns = {}
        for count in map(int, counts):
            if t == 0.0:
                values = np.full(len(base.histories), float(count == 0))
            else:
                values = predict.purchases_pmf(model, self.parameters, base, t, count)
            columns[count] = base.series(values, "purchases_pmf")
        return next(iter(columns.values())) if np.ndim(n) == 0 else pd.DataFrame(columns)

    def discounted_expected_purchases(
        self, annual_discount_rate: float, horizon: Span | None = None, customers: Who = None, *, start: Start = 0
    ) -> pd.Series[float]:
        """Expected purchases, each discounted from its time to the end of the observation.

        Parameters
        ----------
        annual_discount_rate
            0.10 is 10 % a year; compounded continuously within it.
        horizon
            A span; None means for life (discounted expected residual transactions, DERT).
        customers, start
            As in `expected_purchases`.
        """
        return self._discounted("discounted_expected_purchases", annual_discount_rate, horizon, customers, start)

    def discounted_time_alive(
        self, annual_discount_rate: float, horizon: Span | None = None, customers: Who = None, *, start: Start = 0
    ) -> pd.Series[float]:
        """Expected time alive in the horizon, in ``unit``, discounted: what a cost that runs while alive is worth."""
        return self._discounted("discounted_time_alive", annual_discount_rate, horizon, customers, start)

    def expected_spend(self, customers: Who = None) -> pd.Series[float]:
        """Expected spend a purchase, E[mean spend | history], one row a customer, in the currency of the data.

        Customers without repeat spend get the mean of the population.
        """
        model = self._spend("expected_spend")
        if isinstance(customers, str):
            self._base(customers)
            x, m, ids = np.zeros(1), np.zeros(1), pd.Index(["new"], name="customer_id")
        else:
            table = self._customers(customers).table
            x = table["spend_frequency"].to_numpy(dtype=np.float64)
            m, ids = table["monetary_value"].to_numpy(dtype=np.float64), table.index
        spend = model.expected_spend(x, m, **self.parameters)
        infinite = int(np.isinf(spend).sum())
        if infinite:
            raise UnsupportedPrediction(
                f"The expected spend of {infinite:,} of {len(spend):,} customers is infinite. "
                + " ".join(self.definition.diagnose(**self.parameters))
            )
        return pd.Series(spend, index=ids, name="expected_spend")

    def simulate(self, horizon: Span, customers: Who = None, *, seed: int | None = None) -> pd.Series[float]:
        """Random numbers of purchases in the horizon, one draw a customer given the history.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> len(clv.fit(customers, "bg/nbd").simulate("39W", seed=1))
        2357
        """
        model, base = self._purchases("simulate"), self._base(customers)
        rng, t = np.random.default_rng(seed), span_in_units(horizon, self.unit)
        x, _, T = (base.histories.spread(column) for column in base.columns)
        alive = base.histories.spread(expit(predict.log_odds_alive(model, self.parameters, base)))
        counts = model.simulate_future(rng, x, T, t, **self.parameters)
        counts[rng.random(len(counts)) >= alive] = 0.0
        return pd.Series(counts, index=base.ids, name="purchases")

    # --- under it -----------------------------------------------------------------------------------------------------

    def _windows(
        self,
        quantity: str,
        name: str,
        horizon: Span | Sequence[Span],
        customers: Who,
        start: Start | None,
        at_0: float | None = 0.0,
    ) -> pd.Series[float] | pd.DataFrame:
        model, base = self._purchases(name), self._base(customers)
        options: dict[str, float] = {} if start is None else {"start": self._start(start)}

        def one(span: Span) -> pd.Series[float]:
            t = span_in_units(span, self.unit)
            if t == 0.0 and at_0 is not None:
                return base.series(np.full(len(base.histories), at_0), name)
            return base.series(predict.expected(model, self.parameters, base, quantity, t, **options), name)

        if isinstance(horizon, str) or np.ndim(horizon) == 0:
            return one(cast(Span, horizon))
        return pd.DataFrame({span: one(span) for span in cast(Sequence[Span], horizon)}, index=base.ids)

    def _discounted(
        self, quantity: str, rate: float, horizon: Span | None, customers: Who, start: Start
    ) -> pd.Series[float]:
        model, base = self._purchases(quantity), self._base(customers)
        delta = discount_rate_per_unit(rate, self.unit)
        t = np.inf if horizon is None else span_in_units(horizon, self.unit)
        if delta == 0.0 and t == np.inf:
            raise ArgumentError(
                "Without discounting, what a customer does for life can be infinite. Pass a horizon or a rate above 0."
            )
        begin = self._start(start)
        if t == 0.0:
            return base.series(np.zeros(len(base.histories)), quantity)
        return base.series(predict.expected(model, self.parameters, base, quantity, t, delta, start=begin), quantity)

    def _start(self, start: Start) -> float:
        """The beginning of a window in units after the end of the observation."""
        if isinstance(start, (int, float)) or (isinstance(start, str) and start.strip()[-1:].upper() in set("DWMY")):
            return span_in_units(start, self.unit, name="start")
        try:
            date = pd.Timestamp(start)
        except ValueError:
            raise ArgumentError(f'start {start!r} is neither a span such as "4W" nor a date.') from None
        if self.observation_end is None:
            raise ArgumentError("start is a date, but the end of the observation is not known. Pass a span instead.")
        days = (date - self.observation_end) / pd.Timedelta(days=1)
        if days < 0:
            raise ArgumentError(
                f"start {date.date()} is before the end of the observation, {self.observation_end.date()}."
            )
        return days / DAYS_PER_UNIT[self.unit]

    def _customers(self, customers: Customers | None) -> Customers:
        chosen = self.customers if customers is None else customers
        if chosen is None:
            raise ArgumentError("A loaded fit carries no data. Pass customers=, as clvmodels.summarize makes them.")
        if not isinstance(chosen, Customers):
            raise ArgumentError(
                f'customers must be Customers or "new", not {type(chosen).__name__}. '
                f'A table becomes Customers by Customers.from_frame(table, unit="{self.unit}").'
            )
        return chosen

    def _base(self, customers: Who) -> predict.Base:
        if isinstance(customers, str):
            if customers != "new":
                raise ArgumentError(f'customers must be Customers or "new", not {customers!r}.')
            return predict.new_customer()
        return predict.base_of(self._customers(customers), self.unit)

    def _purchases(self, quantity: str) -> PurchaseModel:
        if self.definition.KIND != "purchases":
            raise unsupported(self.definition, quantity, "purchases")
        return cast(PurchaseModel, self.definition)

    def _spend(self, quantity: str) -> SpendModel:
        if self.definition.KIND != "spend":
            raise unsupported(self.definition, quantity, "spend")
        return cast(SpendModel, self.definition)
