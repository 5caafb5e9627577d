"""The next purchase of each customer: when, how likely, overdue or not, and the stage that follows."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvmodels import formats
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import check_level
from clvmodels.inference.population.selection import last_day_of
from clvmodels.signatures import checked
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.horizons import horizon_in_units
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units
from clvmodels.value.next_purchase.gaps import last_gap
from clvmodels.value.next_purchase.stages import STAGES, StageRules, stages_of
from clvmodels.value.next_purchase.times import Times, days_ahead, times_to_purchase
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NextPurchase:
    """When customers will buy next; `next_purchase` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer: ``probability_alive``; ``purchase_probability`` (a purchase in the horizon); ``median``
        (time to the next purchase that is reached with probability ½, infinite where that never is); ``next_lower``,
        ``next_median``, ``next_upper`` and ``next_expected`` (the time to it given that it comes in the horizon); times
        in ``unit``. ``date_lower``, ``date_median``, ``date_upper`` are the days of these, empty where the purchase is
        less likely than 10 %. ``silence`` (probability of so long a silence if the customer is alive), ``overdue``
        (that is below a threshold) and ``stage``.
    stages : pandas.DataFrame
        One row a stage: ``customers``, ``share``, ``purchase_probability`` (mean, NaN of an empty stage); of the lapsed
        that is the probability that they come back without being asked.
    horizon : float or str
        As given.
    unit : str
        Of times.
    interval : float
        Level between ``next_lower`` and ``next_upper``.
    notes : tuple of str
        What the data say too little about, and why.
    """

    table: pd.DataFrame
    stages: pd.DataFrame
    horizon: Span
    unit: str
    interval: float
    notes: tuple[str, ...]

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           observation_end="1997-09-30", keep_purchases=True)
        >>> print(clv.next_purchase(clv.fit(customers, "bg/nbd"), horizon="26W").summary())
        519 of 2,357 customers are expected to buy in the next 26 weeks; overdue: 155.
        331 active, 235 slowing, 287 at risk, 1,411 one-time, 69 lapsed, 24 won back.
        For 1,411 customers (60 %) one purchase is all that is known: their times are those of customers like them.
        """
        total, overdue = self.table["purchase_probability"].sum(), int(self.table["overdue"].sum())
        named = [f"{int(row['customers']):,} {stage}" for stage, row in self.stages.iterrows() if row["customers"]]
        sentences = [
            f"{total:,.0f} of {len(self.table):,} customers are expected to buy in the next "
            f"{formats.following(self.horizon, self.unit)}; overdue: {overdue:,}.",
            f"{', '.join(named)}.",
        ]
        return "\n".join([*sentences, *self.notes])

    def plot(self, *, top: int = 25, ax: Axes | None = None) -> Axes:
        """A calendar of the next purchases of the customers who are most likely to buy.

        Parameters
        ----------
        top : int, default 25
            How many customers.
        ax : matplotlib.axes.Axes, optional
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes drawn on.

        Examples
        --------
        >>> import clvmodels as clv, matplotlib.pyplot as plt
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           observation_end="1997-09-30", keep_purchases=True)
        >>> ax = clv.next_purchase(clv.fit(customers, "bg/nbd"), horizon="26W").plot(top=10)
        >>> plt.close(ax.figure)
        """
        # Plots come after values, and matplotlib is loaded by whoever draws.
        drawn: Axes = importlib.import_module("clvmodels.plots.next_purchases").next_purchase_calendar(
            self, top=top, ax=ax
        )
        return drawn

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.head().to_string()}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table.head())


@checked
def next_purchase(
    purchases: Any,
    customers: Any = None,
    *,
    horizon: Span = "1Y",
    interval: float = 0.90,
    stages: StageRules | None = None,
) -> NextPurchase:
    """When each customer will buy next, who is overdue, and at what stage they are.

    The time to the next purchase has the distribution function F(t) = P(a purchase within t). Many customers never buy
    again, so that quantiles are given that the purchase comes within the horizon.

    Parameters
    ----------
    purchases : Fit
        A purchase model.
    customers : Customers, optional
        Whom to predict; None means those fitted. With their purchases (``keep_purchases=True``) those who were won back
        are told from others.
    horizon : float or str, default "1Y"
        A number of the model's units or a span.
    interval : float, default 0.90
        Level of the window of the next purchase.
    stages : StageRules, optional
        Thresholds of the stages.

    Returns
    -------
    NextPurchase
        ``table``, one row a customer, ``stages`` and sentences.

    Raises
    ------
    ArgumentError
        The horizon or the level has no meaning, or the customers are no Customers.
    UnsupportedPrediction
        The fit is not one of purchases.

    Examples
    --------
    >>> import pandas as pd
    >>> import clvmodels as clv
    >>> fit = clv.predictions("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> table = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]}, index=["ann"])
    >>> found = clv.next_purchase(fit, clv.Customers.from_frame(table, unit="week"), horizon=39)
    >>> found.table[["purchase_probability", "median", "next_median", "silence"]].round(2).loc["ann"].tolist()
    [0.55, 29.48, 10.34, 0.62]
    """
    if not isinstance(purchases, PurchasePredictions):
        raise UnsupportedPrediction('next_purchase needs a fit of purchases, such as of "bg/nbd".')
    if isinstance(customers, str):
        raise ArgumentError("customers must be Customers: a new customer has no silence and no stage.")
    level, rules, unit = check_level(interval), stages or StageRules(), purchases.unit
    known = purchases.customers if customers is None else customers
    end = last_day_of(customers, purchases.customers, purchases.observation_end)
    if span_in_units(horizon, unit) <= 0.0:
        raise ArgumentError(f"horizon must be longer than no time at all, not {horizon!r}.")
    h = horizon_in_units(end, horizon, unit)
    population = purchases.population(customers)
    tail = (1.0 - level) / 2.0
    times = times_to_purchase(population, purchases.parameters, h, (tail, 0.5, 1.0 - tail))
    silence = population.spread(population.evaluate(quantities.silence(), purchases.parameters))
    table = _table(purchases, population, times, silence, rules)
    base = Customers.of(known, unit)
    table = table.join(_dates(table, base, unit))
    codes = stages_of(
        base.table["frequency"].to_numpy(),
        (base.table["T"] - base.table["recency"]).to_numpy(),
        rules,
        window=span_in_units(rules.window, base.unit, name="window"),
        probability=table["purchase_probability"].to_numpy(),
        silence=silence,
        last_gap=last_gap(purchases, base),
    )
    table["stage"] = pd.Categorical.from_codes(codes, categories=pd.Index(STAGES))
    return NextPurchase(
        table=table,
        stages=_counts(table),
        horizon=horizon,
        unit=unit,
        interval=level,
        notes=tuple(_notes(table, base, h * DAYS_PER_UNIT[unit])),
    )


def _table(purchases: Any, population: Any, times: Times, silence: Array, rules: StageRules) -> pd.DataFrame:
    columns = {
        "purchase_probability": times.probability,
        "median": times.median,
        "next_lower": times.within[0],
        "next_median": times.within[1],
        "next_upper": times.within[2],
        "next_expected": times.expected,
    }
    table = pd.DataFrame({name: population.spread(values) for name, values in columns.items()}, index=population.ids)
    table.insert(0, "probability_alive", purchases.probability_alive(population))
    return table.assign(silence=silence, overdue=silence < rules.overdue)


def _dates(table: pd.DataFrame, customers: Customers, unit: str) -> pd.DataFrame:
    """The days of the quantiles, where the purchase is likely enough and the end of the observation is known."""
    dates = pd.DataFrame(index=table.index)
    if customers.observation_end is None:
        return dates
    likely = table["purchase_probability"].to_numpy()
    for name in ("lower", "median", "upper"):
        days = days_ahead(table[f"next_{name}"].to_numpy(), likely, DAYS_PER_UNIT[unit])
        dates[f"date_{name}"] = customers.observation_end + pd.to_timedelta(pd.Series(days, dates.index), unit="D")
    return dates


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.groupby("stage", observed=False)["purchase_probability"]
    counts = pd.DataFrame({"customers": groups.size(), "share": groups.size() / len(table)})
    return counts.assign(purchase_probability=groups.mean())


def _notes(table: pd.DataFrame, customers: Customers, horizon_days: float) -> list[str]:
    """For whom the data say too little, and why."""
    frequency, n = customers.table["frequency"], len(table)
    once, repeaters = int((frequency == 0).sum()), int((frequency > 0).sum())
    observed = float(customers.table["T"].max()) * DAYS_PER_UNIT[customers.unit]
    notes = {
        f"For {once:,} customers ({formats.share(once / n)}) one purchase is all that is known: their times are those "
        "of customers like them.": once > 0,
        f"Only {repeaters:,} customers have bought again: their times lean on few.": repeaters < 30,
        f"{n:,} customers are few: totals of so many are easily off by 15 % or more by chance alone.": n < 500,
        "The observation is shorter than 26 weeks.": observed < 182.0,
        "The horizon is more than twice as long as the observation.": horizon_days > 2.0 * observed,
        "Without their purchases (keep_purchases=True) it isn't known who was won back.": customers.purchases is None,
    }
    return [sentence for sentence, holds in notes.items() if holds]
