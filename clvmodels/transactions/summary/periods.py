"""A log, or its calibration and its holdout, summarized: rows of the customers with all that is needed to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from clvmodels.errors import DataError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.log.columns.remembered import without_data
from clvmodels.transactions.log.columns.settle import GuessedLog
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.engine import to_engine
from clvmodels.transactions.log.forms.reading import Reading
from clvmodels.transactions.log.forms.typed import read_forms
from clvmodels.transactions.log.kept_columns import check_keep
from clvmodels.transactions.log.lines import Columns, read_lines
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.row_report import RowReport
from clvmodels.transactions.summary.copies import Copies, count_copies, count_copies_of, read_lines_once
from clvmodels.transactions.summary.currencies import Currencies, find_currencies
from clvmodels.transactions.summary.customer_rows import CustomerRows, PurchaseDays
from clvmodels.transactions.summary.gaps import Gap
from clvmodels.transactions.summary.left_out import LeftOut, leave_out
from clvmodels.transactions.summary.plain.in_memory import fast_rows
from clvmodels.transactions.summary.plain.in_parts import rows_in_parts
from clvmodels.transactions.summary.profile import Profile, profile_lines, used_lines
from clvmodels.transactions.summary.purchase_days import Rules
from clvmodels.transactions.summary.run_chain import run_chain
from clvmodels.transactions.units import check_unit


@dataclass(frozen=True, eq=False)
class PeriodSummary:
    """The customers of one period of a log: all of it, its calibration or its holdout.

    Attributes
    ----------
    log : Log
        What was read.
    rows : CustomerRows
        One row a customer with lines in the period.
    profile : Profile
        Counts of all lines of the log.
    end : int
        Last day of the period, inclusive, in days since 1970-01-01.
    end_given : bool
        Whether it was given; otherwise it is the last day of the log.
    unit : str
        Unit of recency and T.
    days : PurchaseDays or None
        Every purchase day, if they are kept.
    reading : Reading
        How dates and amounts were read.
    keep : tuple of str
        Names of the columns that customers take with them.
    left_out : LeftOut
        Lines of the log that the profile does not count.
    copies, currencies
        Lines that are copies of others, and several currencies, in the whole log.
    whole_gap : Gap
        The longest time without a line in all periods together.
    """

    log: Log
    rows: CustomerRows
    profile: Profile
    end: int
    end_given: bool
    unit: str
    days: PurchaseDays | None = None
    keep: tuple[str, ...] = ()
    left_out: LeftOut = field(default_factory=LeftOut)
    reading: Reading = field(default_factory=Reading)
    copies: Copies = field(default_factory=Copies)
    currencies: Currencies = None
    whole_gap: Gap = None

    def customers(self) -> Customers:
        """The summary of those who purchased.

        Raises
        ------
        DataError
            Nobody did.
        """
        rows = self.rows.purchasers()
        if len(rows) == 0:
            raise DataError("No customer has a purchase left: every line used is a refund, or is taken back by one.")
        table = pd.DataFrame(
            {
                **rows.summary(self.end, self.unit),
                **{name: column.first for name, column in zip(self.keep, rows.kept, strict=True)},
            },
            index=rows.customer,
            copy=False,
        )
        return Customers(
            table=table,
            unit=self.unit,
            observation_end=to_timestamp(self.end),
            report=self.report(),
            currency=self.reading.money.label,
            mean_purchase_time=rows.mean_purchase_time(self.unit),
            purchases=None if self.days is None else _purchases(rows, self.days),
            log=without_data(self.reading.noted(self.log)),
            reading=self.reading,
        )

    def report(self) -> RowReport:
        """What happened to the lines of the log."""
        rows, profile, purchased = self.rows, self.profile, self.rows.purchase_days > 0
        lines, orders, refund_orders = int(rows.lines.sum()), int(rows.orders.sum()), int(rows.refund_orders.sum())
        purchase_days, refund_days = int(rows.purchase_days.sum()), int(rows.refund_days.sum())
        bought_days = int(rows.order_days.sum()) - refund_days
        has_amounts = self.log.has_amounts
        bought, refunded, unmatched, spent = (
            float(amount.sum()) if has_amounts else None
            for amount in (rows.bought, rows.refunded, rows.unmatched, rows.spend)
        )
        kept = rows.purchasers().kept
        gap, signs = profile.gap, self.reading.currencies
        dropped = self.copies.number if self.copies.dropped else 0
        guess = self.log if isinstance(self.log, GuessedLog) else None
        return RowReport(
            lines=profile.lines + self.left_out.lines + dropped,
            lines_copied=self.copies.number,
            currencies=self.currencies or (("", tuple((sign, 0) for sign in signs)) if len(signs) > 1 else None),
            lines_copied_dropped=dropped,
            lines_copied_across=self.copies.across,
            copies_timed=self.copies.timed,
            lines_skipped=self.left_out.skipped,
            lines_of_same_order=self.left_out.further,
            lines_in_other_currency=self.left_out.elsewhere,
            guessed=() if guess is None else guess.guessed_columns,
            notes=(*(() if guess is None else guess.notes), *self.reading.sentences()),
            lines_without_customer=profile.without_customer,
            lines_without_date=profile.without_date - profile.dates_unreadable,
            lines_date_unreadable=profile.dates_unreadable,
            unreadable_dates=profile.dates_shown,
            lines_after_end=profile.after_end + profile.used - lines,
            lines_used=lines,
            orders=orders,
            refund_orders=refund_orders,
            same_day_orders=orders - refund_orders - bought_days,
            refund_lines=int(rows.refund_lines.sum()),
            refund_days=refund_days,
            cancelled_days=bought_days - purchase_days,
            purchase_days=purchase_days,
            customers_seen=len(purchased),
            customers_excluded=int((~purchased).sum()),
            customers=int(purchased.sum()),
            one_time_buyers=int((rows.purchase_days == 1).sum()),
            zero_spend_customers=int((purchased & (rows.spend <= 0)).sum()) if has_amounts else None,
            amount_bought=bought,
            amount_refunded=refunded,
            amount_unmatched=unmatched,
            amount_spent=spent,
            refunds=self.log.refunds,
            gap=None if gap is None else (f"{to_timestamp(gap[0]):%Y-%m-%d}", f"{to_timestamp(gap[1]):%Y-%m-%d}"),
            first_day=f"{to_timestamp(profile.first_day):%Y-%m-%d}",
            observation_end=f"{to_timestamp(self.end):%Y-%m-%d}",
            end_is_last_day=not self.end_given,
            several_values={name: column.count_several() for name, column in zip(self.keep, kept, strict=True)},
        )


def _purchases(rows: CustomerRows, days: PurchaseDays) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": rows.customer.repeat(rows.purchase_days).array,
            "day": days.day.astype("M8[D]").astype("M8[s]"),
            "spend": days.spend,
            "orders": days.orders,
        }
    )


def summarize_period(
    log: Log,
    *,
    unit: str,
    observation_end: Any,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
) -> PeriodSummary:
    """The customers of the log until ``observation_end``, by default its last day."""
    (period,) = _periods(log, unit, observation_end, None, check_keep(keep), keep_purchases)
    return period


def summarize_two_periods(
    log: Log,
    *,
    unit: str,
    calibration_end: Any,
    observation_end: Any,
    keep: str | Sequence[str] | None = None,
    keep_purchases: bool = False,
) -> tuple[PeriodSummary, PeriodSummary]:
    """The customers of the calibration and those of the holdout, each by the purchases of that period."""
    split = parse_day(calibration_end, "calibration_end")
    calibration, holdout = _periods(log, unit, observation_end, split, check_keep(keep), keep_purchases)
    return calibration, holdout


def _periods(
    log: Log, unit: str, observation_end: Any, split: int | None, keep: tuple[str, ...], keep_purchases: bool
) -> list[PeriodSummary]:
    """Each period by the fast path if the log is plain enough, otherwise by the chain on the engine that holds it."""
    check_unit(unit)
    end = None if observation_end is None else parse_day(observation_end, "observation_end")
    frame, columns, copies = read_lines_once(log, keep)
    currencies = find_currencies(log, columns)
    if columns.money.column is None:
        log = replace(log, currency=columns.money.label)
    as_written = frame
    frame, columns, reading = read_forms(frame, columns, log)
    left_out = LeftOut()
    is_plain = (log.timezone is None or columns.day is not None) and not keep and not keep_purchases
    plain = _plain(log, as_written, frame, columns, end, split) if is_plain and columns.are_plain else None
    if plain is not None:
        parts, profile, copies = plain
    else:
        copies = copies if log.duplicates == "drop" else count_copies(log, as_written, columns)
        lines = read_lines(to_engine(frame, columns.moments, log.timezone), columns)
        lines, left_out = leave_out(lines, columns)
        profile = profile_lines(lines, columns, end, log)
        if split is not None:
            _check_split(profile, split)
        rules = Rules(
            has_amounts=log.has_amounts,
            has_orders=log.order is not None,
            refunds=("net" if log.refunds == "error" else log.refunds) if profile.refunds else None,
            split=split,
            kept=len(keep),
        )
        refuse = log.refunds == "error"
        parts = run_chain(used_lines(lines, profile), rules, keep_purchases=keep_purchases, refuse_refunds=refuse)
    gap = profile.gap
    if split is not None:
        profile = replace(profile, gap=None)  # that of both periods together is that of neither
    ends = [profile.end] if split is None else [split, profile.end]
    return [
        PeriodSummary(
            log=log,
            rows=part,
            profile=profile,
            end=last,
            end_given=end is not None or last != profile.end,
            unit=unit,
            days=days,
            keep=keep,
            left_out=left_out,
            reading=reading,
            copies=copies,
            currencies=currencies,
            whole_gap=gap,
        )
        for (part, days), last in zip(parts, ends, strict=True)
    ]


def _plain(
    log: Log,
    as_written: nw.DataFrame[Any] | nw.LazyFrame[Any],
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    columns: Columns,
    end: int | None,
    split: int | None,
) -> tuple[list[tuple[CustomerRows, PurchaseDays | None]], Profile, Copies] | None:
    """Rows, profile and copies of a log that is plain enough to be sorted rather than run through the chain."""
    if (fast := fast_rows(frame, columns, end, split)) is not None:
        rows, profile, same_day = fast
        copies = count_copies(log, as_written, columns, same_day)
    elif (parted := rows_in_parts(frame, columns, end, split)) is not None:
        rows, profile, number, copied = parted
        copies = count_copies_of(log, as_written, columns, number, copied)
    else:
        return None
    return [(part, None) for part in rows], profile, copies


def _check_split(profile: Profile, calibration_end: int) -> None:
    if not profile.first_day <= calibration_end < profile.end:
        first, last, split = (to_timestamp(day) for day in (profile.first_day, profile.end, calibration_end))
        raise DataError(
            f"calibration_end {split:%Y-%m-%d} must lie within the observation, which runs from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}, and leave some days to hold out."
        )
