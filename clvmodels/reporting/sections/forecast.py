"""What today's customers will do, period by period."""

from __future__ import annotations

import pandas as pd

from clvmodels import formats as plain
from clvmodels.forecasting.notes import WEAK_PRIORS
from clvmodels.plots.forecast_band import past_and_future
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Figure, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.sections import trust
from clvmodels.reporting.study.study import Study


def section(study: Study) -> Section | None:
    """Purchases and revenue by period, where the ranges come from, and how the last test went."""
    if not study.dated:
        return None
    made = study.forecast
    quantities = ["purchases"] if study.spend is None else ["revenue", "purchases"]
    said = [
        "What today's customers will do. Customers who are still to come are not in these numbers.",
        *(formats.plainly(one) for one in made.summary().splitlines()[1:] if one not in (*made.warnings, WEAK_PRIORS)),
        *([] if study.holdout_test is None else trust.of_forecast(study.holdout_test)),
        *short_months(pd.concat([part for part in (made.past, made.table) if len(part)]), made.by),
    ]
    blocks: list[Block] = [Prose(tuple(said))]
    blocks += [_figure(study, quantity) for quantity in quantities]
    return Section("forecast", "Forecast", (*blocks, table(study)))


def short_months(periods: pd.DataFrame, by: str) -> list[str]:
    """That a February below its neighbours is only shorter than they, where that is so.

    Parameters
    ----------
    periods
        What happened and what is forecast: ``purchases``, ``days`` and ``whole``.
    by
        Kind of period.
    """
    if by != "month":
        return []
    months = periods[periods["whole"].astype(bool)]
    totals = months["purchases"].astype(float)
    each = totals / months["days"].astype(float)
    dips = [
        f"{months.index[at].year}"
        for at in range(1, len(months) - 1)
        if [months.index[at + step].month for step in (-1, 0, 1)] == [1, 2, 3]
        and totals.iloc[at] < min(totals.iloc[at - 1], totals.iloc[at + 1])
        and each.iloc[at] >= min(each.iloc[at - 1], each.iloc[at + 1])
    ]
    if not dips:
        return []
    verb = "lies" if len(dips) == 1 else "lie"
    return [f"February of {formats.listed(dips)} {verb} below the months beside it only because it is shorter."]


def _figure(study: Study, quantity: str) -> Figure:
    """A quantity by period, past beside future."""
    return figure(lambda ax: past_and_future(study.forecast, quantity, ax=ax), wide=(7.6, 3.4))


def table(study: Study) -> Table:
    """The numbers behind the plots."""
    by, periods = study.forecast.by, study.forecast.table
    quantities = {"purchases": ("Purchases", [f"{value:,.0f}" for value in periods["purchases"]])}
    if study.spend is not None:
        quantities["revenue"] = (plain.with_currency("Revenue", study.currency), plain.amounts(periods["revenue"]))
    columns = [(by.capitalize(), _names(periods, by))]
    for name, column in quantities.items():
        columns.append(column)
        bounds = periods[[f"{name}_lower", f"{name}_upper"]].set_axis(["lower", "upper"], axis=1)
        columns.append((f"{formats.rate(LEVEL)} range", formats.ranges(bounds)))
    return Table.of_columns(f"Expected by {by}", columns)


def _names(periods: pd.DataFrame, by: str) -> list[str]:
    """Periods in words; of one that is not whole its days."""
    names = []
    for end, row in zip(periods.index, periods.to_dict("records"), strict=True):
        whole = f"{end:%B %Y}" if by == "month" else f"{end.year}, quarter {end.quarter}"
        first = row["first_day"]
        names.append(whole if row["whole"] else f"{formats.day(first)} to {formats.day(end)}")
    return names
