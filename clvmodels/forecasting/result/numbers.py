"""The numbers of a forecast: by customer, by period and in total, with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.result.customers_to_come import CustomersToCome
from clvmodels.forecasting.result.model_range import OwnRange, OwnRangeFound, OwnRangeOf
from clvmodels.forecasting.result.ranges import CHANCE, Spread, bounds
from clvmodels.forecasting.rules.choice import Choice
from clvmodels.forecasting.rules.inner_holdouts import EarlierForecast
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.read_only import read_only


@dataclass(frozen=True)
class Spreads:
    """How far totals of the horizon and of its periods are off beyond chance, by quantity.

    Attributes
    ----------
    total : dict of str to Spread
        Of the whole horizon.
    periods : dict of str to tuple of Spread
        Of each period.
    """

    total: Mapping[str, Spread]
    periods: Mapping[str, tuple[Spread, ...]]


@read_only("customers", "periods", "earlier", "past")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ForecastNumbers:
    """The numbers of a `Forecast`, which says what each of the fields is."""

    customers: pd.DataFrame
    periods: pd.DataFrame
    earlier: pd.DataFrame
    past: pd.DataFrame
    spreads: Spreads
    observation_end: pd.Timestamp
    horizon_end: pd.Timestamp
    interval: float
    by: str
    model: str
    own: OwnRangeOf | OwnRangeFound
    new_customers: CustomersToCome | None = None
    currency: str | None = None
    sample: int | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fits: tuple[Fit, ...] = field(default=())
    known: Customers | None = None
    tried: tuple[EarlierForecast, ...] = ()
    choice: Choice | None = None

    @property
    def purchase_fits(self) -> tuple[PurchaseFit, ...]:
        """The purchase models."""
        return tuple(fit for fit in self.fits if isinstance(fit, PurchaseFit))

    @property
    def spend_fit(self) -> SpendFit | None:
        """The spend model."""
        return next((fit for fit in self.fits if isinstance(fit, SpendFit)), None)

    @property
    def has_revenue(self) -> bool:
        """Whether there are amounts."""
        return "value" in self.customers.columns

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return (self.horizon_end - self.observation_end).days

    @cached_property
    def estimates(self) -> pd.Series[float]:
        """Totals of the horizon by quantity: sums over the customers."""
        names = {"expected_purchases": "purchases", "purchase_probability": "buyers", "value": "revenue"}
        frame = self.customers
        return pd.Series({to: float(frame[name].sum()) for name, to in names.items() if name in frame})

    @property
    def total(self) -> pd.DataFrame:
        """Totals of the horizon.

        One row a quantity ("purchases", "buyers" and, where there are amounts, "revenue"): ``estimate``, ``lower`` and
        ``upper``.
        """
        rows = {str(name): self.range_of(str(name)) for name in self.estimates.index}
        columns = ["estimate", "lower", "upper"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("quantity")

    @checked
    def range_of(self, quantity: str) -> tuple[float, float, float]:
        """Estimate, lower and upper bound of a total.

        Parameters
        ----------
        quantity : {"purchases", "buyers", "revenue"}
            Which.

        Returns
        -------
        tuple of float
            A row of ``total``.

        Raises
        ------
        ArgumentError
            There is no such total.

        Examples
        --------
        >>> import clvmodels as clv
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         observation_end="1997-09-30", horizon="39W")
        >>> [round(bound) for bound in forecast.range_of("purchases")]
        [1711, 1399, 2094]
        """
        if quantity not in self.estimates:
            raise ArgumentError(
                f"quantity must be one of {', '.join(map(str, self.estimates.index))}, not {quantity!r}."
            )
        estimate = float(self.estimates[quantity])
        lower, upper = self._bounds(quantity, np.array([estimate]), [self.spreads.total[quantity]])
        return estimate, float(lower[0]), float(upper[0])

    @property
    def table(self) -> pd.DataFrame:
        """One row a calendar period, indexed by its last day.

        ``first_day``, ``days``, ``whole`` (False where only a part of the calendar period lies in the horizon), and
        ``purchases``, ``buyers`` and, where there are amounts, ``revenue``, each with ``_lower`` and ``_upper``.
        Buyers of several periods count in each.
        """
        periods = self.periods
        table = periods[["first_day", "days", "whole"]].copy()
        for name in self.estimates.index:
            estimate = periods[name].to_numpy(dtype=np.float64)
            lower, upper = self._bounds(str(name), estimate, self.spreads.periods[str(name)])
            table = table.assign(**{str(name): estimate, f"{name}_lower": lower, f"{name}_upper": upper})
        return table

    @property
    def own_range(self) -> OwnRange | None:
        """The models' own uncertainty, found when it is read first; None if a parameter is not identified."""
        return self.own.found

    @property
    def model_range(self) -> pd.DataFrame:
        """The models' own range of the totals: if customers go on as before, and the models are right.

        One row a quantity: ``estimate``, ``lower`` and ``upper``. Nothing but parameters and chance is unknown in it:
        no trend that turns, and no campaign to come.
        """
        if self.own_range is None:
            raise ArgumentError("This forecast has no model's range.")
        found = self.own_range.bounds(self.estimates, self.interval)
        return found.assign(estimate=self.estimates)[["estimate", "lower", "upper"]].rename_axis("quantity")

    def _bounds(self, name: str, estimates: Any, spreads: Any) -> tuple[Any, Any]:
        """Bounds of totals, each with its own spread; buyers are at most all customers."""
        per = estimates if name != "revenue" else estimates / max(self._mean_amount, 1e-300)
        chance = CHANCE[name] / np.maximum(per, 1e-12)
        lower, upper = (
            np.array(side)
            for side in zip(
                *(
                    bounds(estimate, spread, part, self.interval)
                    for estimate, spread, part in zip(estimates, spreads, chance, strict=True)
                ),
                strict=True,
            )
        )
        if name == "buyers":
            upper = np.minimum(upper, len(self.customers))
        return lower, upper

    @cached_property
    def _mean_amount(self) -> float:
        """Expected spend of a purchase to come, over all customers."""
        purchases = self.estimates["purchases"]
        return float(self.estimates["revenue"] / purchases) if purchases > 0 else 1.0
