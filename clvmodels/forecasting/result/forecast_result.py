"""`Forecast`: what a base of customers will do, by period and in total, with ranges; and each customer's part of it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.result.display import page, sentences
from clvmodels.forecasting.result.numbers import ForecastNumbers
from clvmodels.forecasting.result.values import range_of_values, values_of_forecast
from clvmodels.forecasting.result.writing import write
from clvmodels.inference.population.intervals import check_level
from clvmodels.signatures import checked
from clvmodels.value.costs import PerCustomer

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Forecast(ForecastNumbers):
    """Purchases, buyers and revenue of the customers known at the end of the observation.

    `clvmodels.forecast` makes it. Sums over ``table``, over ``customers`` and in ``total`` agree.

    Attributes
    ----------
    customers : pandas.DataFrame
        One row a customer: ``expected_purchases``, ``purchase_probability`` and, where there are amounts,
        ``expected_spend`` (a purchase) and ``value`` (what they will spend in the horizon, undiscounted).
    periods : pandas.DataFrame
        What is expected by calendar period, without bounds.
    earlier : pandas.DataFrame
        One row an earlier date at which the same rule was tried: ``days`` (length), ``model``, and for each quantity
        what was ``_expected``, what was ``_actual``, and ``_error`` (actual / expected - 1).
    past : pandas.DataFrame
        What happened by calendar period: ``purchases`` (repeat purchases), ``first_purchases``, ``buyers`` (who
        repeated) and ``revenue`` of the repeat purchases; empty if the purchases are not known.
    new_customers : CustomersToCome or None
        What customers still to come may bring, if that was asked for; it is in no other number.
    spreads : Spreads
        What the ranges are made of.
    own : OwnRangeOf or OwnRangeFound
        The models' own uncertainty, see `own_range`.
    observation_end, horizon_end : pandas.Timestamp
        Last day known, and last day of the horizon.
    interval : float
        Level of the ranges.
    by : str
        "week", "month" or "quarter".
    model : str
        The models in words.
    currency : str or None
        Label of the amounts.
    sample : int or None
        Customers that the models were fitted to, if not to all.
    notes, warnings : tuple of str
        What to know about it, in sentences.
    fits : tuple of Fit
        The purchase models, and the spend model if there is one; none after `clvmodels.load`.
    known : Customers or None
        Whom it is about; None after `clvmodels.load`.
    tried : tuple of EarlierForecast
        The earlier dates with the models that were fitted there; none after `clvmodels.load`.
    choice : Choice or None
        Which models "auto" took, and why: ``model``, ``sentence``, a ``table`` of scores by candidate and earlier date,
        and the ``seconds`` that trying took. None for models that were named, and after `clvmodels.load`.
    """

    def with_interval(self, interval: float) -> Forecast:
        """The same forecast with ranges of another level.

        Parameters
        ----------
        interval : float
            Level, such as 0.50.

        Returns
        -------
        Forecast
            Nothing is computed again but the bounds.

        Raises
        ------
        ArgumentError
            The level is not between 0 and 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         observation_end="1997-09-30", horizon="39W")
        >>> wide, narrow = forecast.total, forecast.with_interval(0.5).total
        >>> bool((narrow["lower"] > wide["lower"]).all())
        True
        """
        level = check_level(interval)
        to_come = None if self.new_customers is None else self.new_customers.with_interval(level)
        return replace(self, interval=level, new_customers=to_come)

    @checked
    def lifetime_value(
        self,
        *,
        annual_discount_rate: float,
        margin: PerCustomer = 1.0,
        cost_per_purchase: PerCustomer = 0.0,
        retention_cost_per_year: PerCustomer = 0.0,
        for_life: bool = False,
    ) -> pd.DataFrame:
        """Discounted value of each customer: `clvmodels.lifetime_value` with the purchases and spend of this forecast.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 is 10 % a year.
        margin : float, pandas.Series or sequence
            Share of the spend that is earned; a number, or one a customer.
        cost_per_purchase : float, pandas.Series or sequence
            What serving a purchase costs; a number, or one a customer.
        retention_cost_per_year : float, pandas.Series or sequence
            What keeping a customer costs a year; a number, or one a customer.
        for_life : bool
            Let the value be for life; probabilities, purchases and spend are of the horizon all the same.

        Returns
        -------
        pandas.DataFrame
            One row a customer, the columns of `clvmodels.lifetime_value`; without amounts those that need none.
            ``attrs["total"]`` holds the bounds of the sum, at the level ``attrs["interval"]``: values are off as the
            revenue is. Values for life have none.

        Raises
        ------
        ArgumentError
            The forecast was loaded from a file, which has no models.

        Examples
        --------
        >>> import clvmodels as clv
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         amount="amount", observation_end="1997-09-30", horizon="39W")
        >>> value = forecast.lifetime_value(annual_discount_rate=0.10, margin=0.30)
        >>> bool(value["lifetime_value"].sum() < 0.30 * forecast.range_of("revenue")[0])  # discounted
        True
        """
        if self.known is None or not self.purchase_fits:
            raise ArgumentError("A loaded forecast has no models to value customers by. Make it again.")
        value = values_of_forecast(
            self.customers,
            self.purchase_fits,
            self.spend_fit,
            self.known,
            self.days,
            for_life=for_life,
            margin=margin,
            annual_discount_rate=annual_discount_rate,
            cost_per_purchase=cost_per_purchase,
            retention_cost_per_year=retention_cost_per_year,
        )
        if not for_life and "lifetime_value" in value:
            value.attrs |= range_of_values(value, self.range_of("revenue"), self.interval)
        return value

    def summary(self) -> str:
        """The forecast in sentences: totals and ranges, where the ranges come from, and what to watch.

        Returns
        -------
        str
            A paragraph a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         observation_end="1997-09-30", horizon="39W")
        >>> print(forecast.summary().splitlines()[0])
        From 1 October 1997 to 30 June 1998 the 2,357 customers known on 30 September 1997 ...
        """
        return "\n".join(sentences(self))

    @checked
    def plot(self, of: str = "purchases", *, ax: Axes | None = None) -> Axes:
        """Past beside future, in calendar periods, with the range as a band.

        Parameters
        ----------
        of : {"purchases", "buyers", "revenue"}
            What to draw.
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Raises
        ------
        ArgumentError
            ``of`` is none of these, or there are no amounts.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         observation_end="1997-09-30", horizon="39W")
        >>> ax = forecast.plot()
        >>> ax.get_ylabel()
        'Purchases per month'
        >>> plt.close(ax.figure)
        """
        if of not in self.estimates.index:
            raise ArgumentError(f"of must be one of {', '.join(map(repr, self.estimates.index))}, not {of!r}.")
        # Plots come after forecasts, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.forecast_band").past_and_future(self, of, ax)
        return drawn

    @checked
    def save(self, path: str | Path) -> None:
        """Write the forecast to a JSON file, and its customers beside it as Parquet; `clvmodels.load` reads both.

        Parameters
        ----------
        path : str or path
            Where to, such as "forecast.json"; the customers go to "forecast.customers.parquet".

        Raises
        ------
        OSError
            The file can't be written.

        Examples
        --------
        >>> import clvmodels as clv, tempfile, pathlib
        >>> forecast = clv.forecast(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                         observation_end="1997-09-30", horizon="39W")
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "forecast.json"
        >>> forecast.save(path)
        >>> clv.load(path).total.equals(forecast.total)
        True
        """
        write(path, self)

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.total.round(1).to_string()}"

    def _repr_html_(self) -> str:
        return page(self)
