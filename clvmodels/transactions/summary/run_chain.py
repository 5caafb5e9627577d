"""The chain of `purchase_days`, run where the data are: what comes back becomes arrays."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.transactions.log.engine import collect, in_duckdb
from clvmodels.transactions.log.kept_columns import is_kept, kept_name
from clvmodels.transactions.summary.customer_rows import CustomerRows, KeptColumn, PurchaseDays
from clvmodels.transactions.summary.profile import show_lines
from clvmodels.transactions.summary.purchase_days import Rules, customer_rows, purchase_days

Period = tuple[CustomerRows, PurchaseDays | None]


def run_chain(lines: nw.LazyFrame[Any], rules: Rules, *, keep_purchases: bool, refuse_refunds: bool) -> list[Period]:
    """Rows of the customers, and purchase days if they are kept, of the one period or the two.

    Raises
    ------
    DataError
        There is a refund, and refunds are refused.
    """
    days, purchases = purchase_days(lines, rules), None
    if keep_purchases:  # they are fetched, and the rows made of them here, so that the engine runs once
        table = collect(days)
        days, purchases = in_duckdb(table), table.filter(~nw.col("purchase_day").is_null())
    rows = collect(customer_rows(days, rules).sort("customer"))
    if refuse_refunds and rules.refunds and (rows["refund_orders"] > 0).any():
        _refuse_refunds(lines.filter(nw.col("amount") < 0))
    if rules.split is None:
        return [_period(rows, purchases, rules)]
    return [
        _period(rows.filter(inside).drop("period"), None if purchases is None else purchases.filter(inside), rules)
        for inside in (nw.col("period") == 0, nw.col("period") == 1)
    ]


def _period(rows: nw.DataFrame[Any], purchases: nw.DataFrame[Any] | None, rules: Rules) -> Period:
    return _rows(rows, rules), None if purchases is None else _days(purchases, rules)


def _refuse_refunds(refunds: nw.LazyFrame[Any]) -> None:
    number = int(collect(refunds.select(number=nw.len().cast(nw.Int64)))["number"][0])
    raise DataError(
        f"{number:,} lines have a negative amount: {show_lines(refunds)}. "
        'Pass refunds="net" to set them against earlier purchases, or refunds="drop" to leave them out.'
    )


def _rows(table: nw.DataFrame[Any], rules: Rules) -> CustomerRows:
    names = [name for name in table.columns if name != "customer" and not is_kept(name)]
    columns = {name: table[name].to_native().fill_null(0).to_numpy() for name in names}
    kept = tuple(_kept_column(table, kept_name(place)) for place in range(rules.kept))
    return CustomerRows.of(_ids(table["customer"]), columns, kept)


def _kept_column(table: nw.DataFrame[Any], name: str) -> KeptColumn:
    return KeptColumn(*(_values(table[column]) for column in (name, f"{name}_low", f"{name}_high")))


def _values(series: nw.Series[Any]) -> Any:
    """Values of a kept column as a pandas array; dates as timestamps, whatever the engine took them for."""
    values = series.to_native().to_pandas(date_as_object=False)
    return (values.dt.as_unit("us") if values.dtype.kind == "M" else values).array


def _days(table: nw.DataFrame[Any], rules: Rules) -> PurchaseDays:
    """Purchase days as arrays, sorted by customer and day, as the rows are."""
    table = table.sort("customer", "day")
    day: NDArray[np.int64] = table["purchase_day"].cast(nw.Int64).to_numpy()
    spend = table["spend"].to_numpy() if rules.has_amounts else np.full(len(table), np.nan)
    orders: NDArray[np.int64] = table["orders"].cast(nw.Int64).to_numpy()
    refunds = table["refund_orders"].cast(nw.Int64).to_numpy() if rules.refunds else 0
    return PurchaseDays(day, spend.astype(np.float64), orders - refunds)


def _ids(series: nw.Series[Any]) -> pd.Index[Any]:
    """Customer ids; whole numbers that came as floats (for want of a null) become integers."""
    ids = series.to_native().to_pandas()
    if ids.dtype.kind == "f":
        present = ids.dropna()
        if (present == np.floor(present)).all():
            ids = ids.fillna(0).astype(np.int64)
    return pd.Index(ids.array, name="customer_id")
