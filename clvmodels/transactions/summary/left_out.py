"""Lines that are no purchases, and further lines of an order whose amount stands once: left out, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.formats import plural
from clvmodels.transactions.log.engine import collect
from clvmodels.transactions.log.kept_columns import is_kept
from clvmodels.transactions.log.lines import Columns

Lines = nw.LazyFrame[Any]


@dataclass(frozen=True)
class LeftOut:
    """How many lines were left out before the others were looked at.

    Attributes
    ----------
    skipped : int
        Lines (with ``per_order`` those of whole orders) that are no purchases.
    further : int
        Lines of an order beyond its first, where the amount is that of the order.
    """

    skipped: int = 0
    further: int = 0


def leave_out(lines: Lines, columns: Columns) -> tuple[Lines, LeftOut]:
    """The lines that remain, and how many do not.

    Raises
    ------
    DataError
        The lines of an order contradict each other in their customer or their amount, or a line has no order.
    """
    if not (columns.skip or columns.per_order):
        return lines, LeftOut()
    if columns.per_order:
        lines = _one_line_an_order(lines, columns)
    else:
        lines = lines.with_columns(order_lines=nw.lit(1, dtype=nw.Int64))
    bought = ~nw.col("skipped") if columns.skip else nw.lit(True)
    number = nw.col("order_lines")
    counts = {
        "skipped": nw.when(bought).then(nw.lit(0, dtype=nw.Int64)).otherwise(number).sum(),
        "further": nw.when(bought).then(number - 1).otherwise(nw.lit(0, dtype=nw.Int64)).sum(),
    }
    row = collect(lines.select(**counts)).rows(named=True)[0]
    left_out = LeftOut(**{name: int(value or 0) for name, value in row.items()})
    lines = lines.filter(bought) if columns.skip else lines
    lines = lines.drop("order_lines", *(["skipped"] if columns.skip else []))
    if left_out.skipped and int(collect(lines.select(n=nw.len()))["n"][0]) == 0:
        raise DataError(
            f"All {left_out.skipped:,} lines are left out by skip= ({'; '.join(name for name, _ in columns.skip)}): "
            "none is a purchase."
        )
    return lines, left_out


def _one_line_an_order(lines: Lines, columns: Columns) -> Lines:
    """Each order once: its customer and amount, which stand on one of its lines or on all, and its first day."""
    values: dict[str, nw.Expr] = {"order_lines": nw.len().cast(nw.Int64)}
    for name in _told_once(columns):
        values |= {name: nw.col(name).max(), f"{name}_low": nw.col(name).min()}
    values |= {name: nw.col(name).min() for name in ("date", "day")}
    values |= {name: nw.col(name).min() for name in lines.collect_schema().names() if is_kept(name)}
    if columns.skip:
        lines = lines.with_columns(skipped=nw.col("skipped").cast(nw.Int64))
        values["skipped"] = nw.col("skipped").max()
    orders = lines.group_by("order").agg(**values)
    _check_orders(orders, columns)
    if columns.skip:
        orders = orders.with_columns(skipped=nw.col("skipped") > 0)
    return orders.drop(f"{name}_low" for name in _told_once(columns))


def _told_once(columns: Columns) -> list[str]:
    """What must be the same on all lines of an order that have it."""
    return ["customer", *(["amount"] if columns.amount else [])]


def _check_orders(orders: Lines, columns: Columns) -> None:
    """Raise if an order is not one: two customers, two amounts; or its lines have no number."""
    for name in _told_once(columns):
        wrong = orders.filter(~nw.col("order").is_null() & (nw.col(name) != nw.col(f"{name}_low")))
        number = int(collect(wrong.select(n=nw.len()))["n"][0])
        if number:
            row = collect(wrong.sort("order").head(1)).rows(named=True)[0]
            raise DataError(
                f"{plural(number, 'order')} with more than one {name} on their lines, such as order {row['order']}: "
                f"{row[f'{name}_low']} and {row[name]}. "
                + ('Pass amount_per="line" if each line has an amount of its own.' if name == "amount" else "")
            )
    _check_numbers(orders, columns)


def _check_numbers(orders: Lines, columns: Columns) -> None:
    """Raise if there are lines without a number of their order."""
    loose = collect(orders.filter(nw.col("order").is_null())).rows(named=True)
    if loose and loose[0]["order_lines"] > 1:
        raise DataError(
            f"{loose[0]['order_lines']:,} lines have no order number in column {columns.order!r}, so that their "
            'amounts can\'t be told apart. Fill it, or pass amount_per="line".'
        )
