r"""Lines become orders, orders become purchase days, purchase days become one row a customer.

This is the one definition of a summary. It is a chain of narwhals expressions and runs where the data are.

Refunds. Let :math:`a_1, \dots, a_n` be a customer's net amounts by day. Going back from the latest day, a negative net
becomes credit that the days before pay for. What is left of day :math:`i` needs no loop: with
:math:`S_i = \sum_{j \ge i} a_j` and :math:`M_i = \max(0, \max_{j \ge i} S_j)`, the credit that day :math:`i` passes
on to the days before is :math:`c_i = M_i - S_i`, and what is left of its own amount is
:math:`\max(0, a_i - c_{i+1})`. The credit :math:`c_1` finds no purchase and is reported.

Sums of floating-point numbers leave dust (0.1 + 0.2 - 0.3 is not 0). A net amount below 1e-10 of the absolute amounts
it was made of is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.transactions.log.engine import as_number
from clvmodels.transactions.log.kept_columns import (
    kept_by_customer,
    kept_extremes,
    kept_of_purchases,
    kept_on_first_day,
)

DUST = 1e-10
_AMOUNTS = {"spend", "repeat_spend", "unmatched", "bought", "refunded"}


@dataclass(frozen=True)
class Rules:
    """What the chain has to look at; whatever a log doesn't have costs nothing.

    ``refunds`` is None if the log has none. ``split`` is the last day of the calibration: what comes after it has no
    influence on what comes before. ``kept`` is the number of columns that customers take with them.
    """

    has_amounts: bool
    has_orders: bool
    refunds: str | None
    split: int | None = None
    kept: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """What purchases belong to."""
        return ("customer",) if self.split is None else ("customer", "period")


def purchase_days(lines: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """One row a customer (and period) and day with a line: ``purchase_day``, null if it is none, and ``spend``."""
    return settle_days(day_totals(lines, rules), rules)


def day_totals(lines: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """One row a customer (and period) and day with a line: sums of its orders, before refunds are set against them.

    Totals of parts of a log add up to those of the whole, if no order lies in two of them.
    """
    if rules.split is not None:
        lines = lines.with_columns(period=as_number(nw.col("day") > rules.split))
    lines = lines.with_columns(**kept_of_purchases(rules.kept)) if rules.kept else lines
    orders = _orders(lines, rules) if rules.has_orders else lines
    return _totals(orders, rules)


def _orders(lines: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """An order lies on the day of its first line; lines without an order number are one order a day."""
    lines = lines.with_columns(loose_day=nw.when(nw.col("order").is_null()).then(nw.col("day")))
    totals = {"day": nw.col("day").min(), "lines": nw.len().cast(nw.Int64), **kept_extremes(rules.kept)}
    if rules.has_amounts:
        totals["amount"] = nw.col("amount").sum()
    if rules.refunds:
        lines = lines.with_columns(gross=nw.col("amount").abs(), refund_line=as_number(nw.col("amount") < 0))
        totals |= {"gross": nw.col("gross").sum(), "refund_lines": nw.col("refund_line").sum()}
    return lines.group_by(*rules.keys, "order", "loose_day").agg(**totals)


def _totals(orders: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """One row a customer and day with the sums of its orders."""
    totals = {"orders": nw.len().cast(nw.Int64), **kept_extremes(rules.kept)}
    if rules.has_orders:
        totals["lines"] = nw.col("lines").sum()
    if rules.has_amounts:
        totals["spend"] = nw.col("amount").sum()
    if rules.refunds:
        orders = _split_refunds(orders, rules)
        names = ("bought", "refunded", "gross", "refund_orders", "refund_lines")
        totals |= {name: nw.col(name).sum() for name in names}
    return orders.group_by(*rules.keys, "day").agg(**totals)


def settle_days(days: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """The totals of days with ``purchase_day`` (null if it is none) and what is left of the ``spend`` on it."""
    if not rules.refunds:
        return days.with_columns(purchase_day=nw.col("day"))
    return _net(days, rules) if rules.refunds == "net" else _dropped(days)


def _split_refunds(orders: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """Tell refunds from purchases: a negative line, or an order whose negative lines leave nothing of it."""
    amount = nw.col("amount")
    if rules.has_orders:
        refund = (nw.col("refund_lines") > 0) & (amount <= DUST * nw.col("gross"))
    else:
        orders = orders.with_columns(gross=amount.abs(), refund_lines=as_number(amount < 0))
        refund = amount < 0
    return orders.with_columns(
        bought=nw.when(refund).then(nw.lit(0.0)).otherwise(amount),
        refunded=nw.when(refund).then(-amount).otherwise(nw.lit(0.0)),
        refund_orders=as_number(refund),
        **kept_of_purchases(rules.kept, ~refund),
    )


def _dropped(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Refunds as if they had never been."""
    return days.with_columns(
        spend=nw.col("bought"),
        purchase_day=nw.when(nw.col("orders") > nw.col("refund_orders")).then(nw.col("day")),
        unmatched=nw.lit(0.0),
    )


def _net(days: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """Refunds against the purchases of their own day, then against those of the days before (see the module)."""

    def from_the_latest(expression: nw.Expr) -> nw.Expr:
        return expression.over(*rules.keys, order_by="day")

    spend, dust = nw.col("spend"), DUST * nw.col("all_gross")
    days = days.with_columns(spend=nw.when(spend.abs() <= DUST * nw.col("gross")).then(nw.lit(0.0)).otherwise(spend))
    days = days.with_columns(
        later=from_the_latest(spend.cum_sum(reverse=True)),
        all_gross=from_the_latest(nw.col("gross").cum_sum(reverse=True)),
    )
    days = days.with_columns(paid=from_the_latest(nw.col("later").cum_max(reverse=True)))
    credit = nw.max_horizontal("paid", nw.lit(0.0)) - nw.col("later")
    days = days.with_columns(credit=nw.when(credit <= dust).then(nw.lit(0.0)).otherwise(credit))
    days = days.with_columns(owed=from_the_latest(nw.col("credit").shift(-1)).fill_null(0.0))
    left = spend - nw.col("owed")
    days = days.with_columns(left=nw.when((left <= dust) | (spend <= 0)).then(nw.lit(0.0)).otherwise(left))
    worth_nothing = (spend == 0) & (nw.col("refund_orders") == 0)
    first = nw.col("day") == nw.col("day").min().over(*rules.keys)
    return days.with_columns(
        purchase_day=nw.when((nw.col("left") > 0) | worth_nothing).then(nw.col("day")),
        unmatched=nw.when(first).then(nw.col("credit")).otherwise(nw.lit(0.0)),
        spend=nw.col("left"),
    )


def customer_rows(days: nw.LazyFrame[Any], rules: Rules) -> nw.LazyFrame[Any]:
    """Purchase days as one row a customer (and period, if there are two)."""
    day = nw.col("purchase_day")
    if rules.has_amounts or rules.kept:
        days = days.with_columns(first=day.min().over(*rules.keys))
    if rules.kept:
        days = days.with_columns(**kept_on_first_day(rules.kept, day == nw.col("first")))
    totals = {
        "first_day": day.min(),
        "last_day": day.max(),
        "purchase_days": day.count().cast(nw.Int64),
        "day_sum": day.sum(),
        "orders": nw.col("orders").sum(),
    }
    if rules.has_orders:
        totals["lines"] = nw.col("lines").sum()
    if rules.has_amounts:
        spend = nw.col("spend")
        repeat = (day > nw.col("first")) & (spend > 0)
        days = days.with_columns(
            repeat_spend=nw.when(repeat).then(spend).otherwise(nw.lit(0.0)), repeat_spend_days=as_number(repeat)
        )
        totals |= {name: nw.col(name).sum() for name in ("spend", "repeat_spend", "repeat_spend_days")}
    if rules.refunds:
        days = days.with_columns(
            order_days=nw.lit(1, dtype=nw.Int64),
            refund_days=as_number(nw.col("orders") == nw.col("refund_orders")),
        )
        names = ("unmatched", "bought", "refunded", "refund_orders", "refund_lines", "order_days", "refund_days")
        totals |= {name: nw.col(name).sum() for name in names}
    totals = {name: value if name in _AMOUNTS else value.cast(nw.Int64) for name, value in totals.items()}
    return days.group_by(*rules.keys).agg(**totals, **kept_by_customer(rules.kept))
