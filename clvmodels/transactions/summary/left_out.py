"""Lines that are no purchases, and further lines of an order whose amount stands once: left out, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.errors import DataError
from clvmodels.formats import plural
from clvmodels.transactions.log.engine import as_number, collect
from clvmodels.transactions.log.kept_columns import is_kept
from clvmodels.transactions.log.lines import UNPRICED, Columns
from clvmodels.transactions.summary.currencies import check_currencies

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
    elsewhere : int
        Lines in another currency than the one that was chosen.
    """

    skipped: int = 0
    further: int = 0
    elsewhere: int = 0

    @property
    def lines(self) -> int:
        """All of them."""
        return self.skipped + self.further + self.elsewhere


def leave_out(lines: Lines, columns: Columns) -> tuple[Lines, LeftOut]:
    """The lines that remain, and how many do not.

    Raises
    ------
    DataError
        The lines of an order contradict each other in their customer or their amount, or a line has no order; a line
        has an amount and a currency that has no rate.
    """
    flags = [*(["skipped"] if columns.skip else []), *(["elsewhere"] if columns.money.chooses else [])]
    if columns.money.column is not None:
        check_currencies(lines, columns)
        lines = lines.drop("currency", UNPRICED)
    if not (flags or columns.per_order):
        return lines, LeftOut()
    if columns.per_order:
        lines = _one_line_an_order(lines, columns, flags)
    else:
        lines = lines.with_columns(order_lines=nw.lit(1, dtype=nw.Int64))
    number, none = nw.col("order_lines"), nw.lit(0, dtype=nw.Int64)
    counts, bought = {}, nw.lit(True)
    for flag in flags:
        counts[flag] = nw.when(bought & nw.col(flag)).then(number).otherwise(none).sum()
        bought &= ~nw.col(flag)
    counts["further"] = nw.when(bought).then(number - 1).otherwise(none).sum()
    row = collect(lines.select(**counts)).rows(named=True)[0]
    left_out = LeftOut(**{name: int(value or 0) for name, value in row.items()})
    lines = (lines.filter(bought) if flags else lines).drop("order_lines", *flags)
    if left_out.skipped + left_out.elsewhere and int(collect(lines.select(n=nw.len()))["n"][0]) == 0:
        raise _nothing_left(left_out, columns)
    return lines, left_out


def _nothing_left(left_out: LeftOut, columns: Columns) -> DataError:
    """The error of a log all of whose lines are left out."""
    if not left_out.elsewhere:
        return DataError(
            f"All {left_out.skipped:,} lines are left out by skip= ({'; '.join(name for name, _ in columns.skip)}): "
            "none is a purchase."
        )
    skipped = f", and {left_out.skipped:,} are left out by skip=" if left_out.skipped else ""
    where = f"(column {columns.money.column!r})"
    return DataError(
        f"No line is left: {left_out.elsewhere:,} have another currency than {columns.money.label} {where}{skipped}."
    )


def _one_line_an_order(lines: Lines, columns: Columns, flags: Sequence[str]) -> Lines:
    """Each order once: its customer and amount, which stand on one of its lines or on all, and its first day."""
    values: dict[str, nw.Expr] = {"order_lines": nw.len().cast(nw.Int64)}
    for name in _told_once(columns):
        values |= {name: nw.col(name).max(), f"{name}_low": nw.col(name).min()}
    values |= {name: nw.col(name).min() for name in ("date", "day")}
    values |= {name: nw.col(name).min() for name in lines.collect_schema().names() if is_kept(name)}
    if flags:
        lines = lines.with_columns(**{flag: as_number(nw.col(flag)) for flag in flags})
    orders = lines.group_by("order").agg(**values, **{flag: nw.col(flag).max() for flag in flags})
    _check_orders(orders, columns)
    if flags:
        orders = orders.with_columns(**{flag: nw.col(flag) > 0 for flag in flags})
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
