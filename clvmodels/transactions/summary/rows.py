"""The rows of a log, a row a customer, however they were made, and the summary that they amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.errors import DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.dates import days_to_units, parse_day, to_timestamp
from clvmodels.transactions.log.kept_columns import PREFIX, check_keep, line_name
from clvmodels.transactions.log.lines import read_columns, read_lines
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.log.readers import collect, in_duckdb, to_engine
from clvmodels.transactions.row_report import row_report
from clvmodels.transactions.summary.fast_path import plain_rows
from clvmodels.transactions.summary.profile import Profile, profile_lines, show_lines, used_lines
from clvmodels.transactions.summary.purchase_days import Rules, customer_rows, purchase_days
from clvmodels.transactions.units import check_unit


@dataclass(frozen=True)
class Ledger:
    """What the engine sent back, a row a customer with lines until ``end``, and what is needed to read it.

    ``days`` are the purchase days (``day``, ``spend``) in the order of the rows, if they were asked for; ``keep`` names
    the columns that customers take with them.
    """

    rows: dict[str, Any]
    profile: Profile
    end: int
    end_given: bool
    unit: str
    refunds: str
    has_amounts: bool
    currency: str | None = None
    days: dict[str, Any] | None = None
    keep: tuple[str, ...] = ()

    def customers(self) -> Customers:
        """The summary of those who purchased."""
        rows = self.purchasers()
        if len(rows["customer"]) == 0:
            raise DataError("No customer has a purchase left: every line used is a refund, or is taken back by one.")
        kept = {name: rows[line_name(place)] for place, name in enumerate(self.keep)}
        spend_days = rows["repeat"]
        table = pd.DataFrame(
            {
                "frequency": rows["purchase_days"] - 1,
                "recency": days_to_units((rows["last"] - rows["first"]).astype(np.float64), self.unit),
                "T": days_to_units((self.end - rows["first"]).astype(np.float64), self.unit),
                "monetary_value": np.where(spend_days > 0, rows["repeat_spend"] / np.maximum(spend_days, 1), np.nan),
                "spend_frequency": spend_days,
                **kept,
            },
            index=pd.Index(rows["customer"], name="customer_id"),
            copy=False,
        )
        return Customers(
            table=table,
            unit=self.unit,
            observation_end=to_timestamp(self.end),
            report=row_report(self),
            currency=self.currency,
            mean_purchase_time=days_to_units(rows["day_sum"] / rows["purchase_days"] - rows["first"], self.unit),
            purchases=self._purchases(rows),
        )

    def _purchases(self, rows: dict[str, Any]) -> pd.DataFrame | None:
        if self.days is None:
            return None
        place = np.repeat(np.arange(len(rows["customer"])), rows["purchase_days"])
        return pd.DataFrame(
            {
                "customer_id": rows["customer"][place],
                "day": self.days["day"].astype("M8[D]").astype("M8[s]"),
                "spend": self.days["spend"],
            }
        )

    def purchasers(self) -> dict[str, Any]:
        """The rows of the customers with a purchase."""
        return _choose(self.rows, self.rows["purchase_days"] > 0)


def read_ledgers(
    log: Log,
    *,
    unit: str,
    observation_end: Any,
    calibration_end: int | None = None,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
) -> tuple[Ledger, ...]:
    """Run the chain of `purchases` on the engine that holds the log: one ledger, or two if there is a calibration."""
    check_unit(unit)
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    frame, columns = read_columns(log, check_keep(keep))
    may_be_plain = log.timezone is None and not columns.keep and not keep_purchases
    parts: list[tuple[dict[str, Any], dict[str, Any] | None]]
    plain = plain_rows(frame, columns, end, calibration_end) if may_be_plain else None
    if plain is not None:
        plain_parts, profile = plain
        parts = [(rows, None) for rows in plain_parts]
    else:
        lines = read_lines(to_engine(frame, columns.date, log.timezone), columns)
        profile = profile_lines(lines, columns, end)
        if calibration_end is not None:
            _check_split(profile, calibration_end)
        rules = Rules(
            has_amounts=bool(columns.amount),
            has_orders=columns.order is not None,
            refunds=("net" if log.refunds == "error" else log.refunds) if profile.refunds else None,
            split=calibration_end,
            kept=len(columns.keep),
        )
        parts = _run_chain(used_lines(lines, profile), rules, keep_purchases, log.refunds == "error")
    ends = [profile.end] if calibration_end is None else [calibration_end, profile.end]
    return tuple(
        Ledger(
            rows=_filled(rows),
            profile=profile,
            end=last,
            end_given=end is not None or last != profile.end,
            unit=unit,
            refunds=log.refunds,
            has_amounts=bool(columns.amount),
            currency=log.currency,
            days=days,
            keep=columns.keep,
        )
        for (rows, days), last in zip(parts, ends, strict=True)
    )


def _run_chain(
    lines: nw.LazyFrame[Any], rules: Rules, keep_purchases: bool, refuse_refunds: bool
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Rows and purchase days of each period."""
    days, purchases = purchase_days(lines, rules), None
    if keep_purchases:  # they are fetched, and the rows made of them here, so that the engine runs once
        table = collect(days)
        days, purchases = in_duckdb(table), _collect_days(table, rules)
    rows = _collect(customer_rows(days, rules))
    if refuse_refunds and rules.refunds and rows["refund_orders"].any():
        _refuse_refunds(lines.filter(nw.col("amount") < 0))
    if rules.split is None:
        return [(rows, purchases)]
    later = rows.pop("period") == 1
    if purchases is None:
        return [(_choose(rows, ~later), None), (_choose(rows, later), None)]
    later_days = purchases.pop("period") == 1
    return [
        (_choose(rows, ~later), _choose(purchases, ~later_days)),
        (_choose(rows, later), _choose(purchases, later_days)),
    ]


def _refuse_refunds(refunds: nw.LazyFrame[Any]) -> None:
    number = int(collect(refunds.select(number=nw.len().cast(nw.Int64)))["number"][0])
    raise DataError(
        f"{number:,} lines have a negative amount: {show_lines(refunds)}. "
        'Pass refunds="net" to set them against earlier purchases, or refunds="drop" to leave them out.'
    )


def _check_split(profile: Profile, calibration_end: int) -> None:
    if not profile.first_day <= calibration_end < profile.end:
        first, last, split = (to_timestamp(day) for day in (profile.first_day, profile.end, calibration_end))
        raise DataError(
            f"calibration_end {split:%Y-%m-%d} must lie within the observation, which runs from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}, and leave some days to hold out."
        )


def _choose(rows: dict[str, Any], keep: NDArray[np.bool_]) -> dict[str, Any]:
    return rows if keep.all() else {name: column[keep] for name, column in rows.items()}


def _collect(rows: nw.LazyFrame[Any]) -> dict[str, Any]:
    """Rows as arrays, sorted by customer."""
    table = collect(rows.sort("customer"))
    columns: dict[str, Any] = {"customer": _ids(table["customer"])}
    for name in table.columns:
        if name.startswith(PREFIX):
            columns[name] = _kept(table[name])
        elif name != "customer":
            columns[name] = table[name].to_native().fill_null(0).to_numpy()
    return columns


def _kept(series: nw.Series[Any]) -> Any:
    """Values of a kept column as a pandas array; dates as timestamps, whatever the engine took them for."""
    values = series.to_native().to_pandas(date_as_object=False)
    return (values.dt.as_unit("us") if values.dtype.kind == "M" else values).array


def _collect_days(days: nw.DataFrame[Any], rules: Rules) -> dict[str, Any]:
    """Purchase days as arrays, sorted by customer and day, as the rows are."""
    table = days.filter(~nw.col("purchase_day").is_null()).sort(*rules.keys, "day")
    columns = {"day": table["purchase_day"].cast(nw.Int64).to_numpy()}
    if rules.split is not None:
        columns["period"] = table["period"].to_numpy()
    spend = table["spend"].to_numpy() if rules.has_amounts else np.full(len(table), np.nan)
    return columns | {"spend": spend.astype(np.float64)}


def _filled(columns: dict[str, Any]) -> dict[str, Any]:
    """The rows with the counts and amounts that the chain had no need to look at."""
    zeros = np.zeros(len(columns["orders"]), dtype=np.int64)
    columns.setdefault("lines", columns["orders"])
    columns.setdefault("all_days", columns["purchase_days"])
    for name in ("repeat", "refund_orders", "refund_lines", "refund_days"):
        columns.setdefault(name, zeros)
    for name in ("spend", "repeat_spend", "unpaid", "returned"):
        columns.setdefault(name, zeros.astype(np.float64))
    columns.setdefault("bought", columns["spend"])
    return columns


def _ids(series: nw.Series[Any]) -> Any:
    """Customer ids as a pandas array; whole numbers that came as floats (for want of a null) become integers."""
    ids = series.to_native().to_pandas()
    if ids.dtype.kind == "f":
        present = ids.dropna()
        if (present == np.floor(present)).all():
            return ids.fillna(0).astype(np.int64).array
    return ids.array
