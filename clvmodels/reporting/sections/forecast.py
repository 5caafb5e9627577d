"""What today's customers will do, month by month."""

from __future__ import annotations

import pandas as pd

from clvmodels import formats as plain
from clvmodels.plots.monthly_forecast import forecast
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Figure, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.study.simulated_totals import LEVEL
from clvmodels.reporting.study.study import Study


def section(study: Study) -> Section | None:
    """Purchases and revenue by month."""
    months = study.months
    if months is None:
        return None
    quantities = ["purchases"] if study.spend is None else ["revenue", "purchases"]
    said = "What today's customers will do. Customers who are still to come are not in these numbers."
    if study.futures is not None:
        said += (
            f" Ranges are from {len(study.futures):,} simulated futures, in which each customer buys at random as the "
            "model has it and the parameters are as uncertain as the data leave them: 9 in 10 futures lie in a "
            f"{formats.rate(LEVEL)} range. What no model knows, such as a new competitor, is not in them."
        )
    blocks: list[Block] = [Prose((said,))]
    blocks += [_figure(study, months, quantity) for quantity in quantities]
    return Section("forecast", "Forecast", (*blocks, table(study, months)))


def _figure(study: Study, months: pd.DataFrame, quantity: str) -> Figure:
    """A quantity by month, with its ranges."""
    band = None if study.futures is None else study.futures.fan(quantity, months.index)
    return figure(lambda ax: forecast(months, of=quantity, band=band, ax=ax), wide=(7.6, 3.4))


def table(study: Study, months: pd.DataFrame) -> Table:
    """The numbers behind the plots."""
    quantities = {"purchases": ("Purchases", [f"{value:,.0f}" for value in months["purchases"]])}
    if study.spend is not None:
        quantities["revenue"] = (plain.with_currency("Revenue", study.currency), plain.amounts(months["revenue"]))
    columns = [("Month", [f"{month:%B %Y}{'' if whole else ' (rest)'}" for month, whole in months["whole"].items()])]
    for name, column in quantities.items():
        columns.append(column)
        if study.futures is not None:
            bounds = study.futures.fan(name, months.index)[LEVEL]
            columns.append((f"{formats.rate(LEVEL)} range", formats.ranges(bounds[["lower", "upper"]])))
    return Table.of_columns("Expected by month", columns)
