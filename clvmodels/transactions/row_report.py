"""What happened to the rows of a log: every line is counted under one name, and the counts add up."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowReport:
    """Counts from lines to customers.

    Attributes
    ----------
    lines, lines_without_customer, lines_without_date, lines_after_end, lines_used : int
        Lines read, those left out (each under the first reason that holds) and those used.
    orders, refund_orders, same_day_orders : int
        Orders in the lines used (each line is one if no order column is given); those that are refunds; purchases
        that were merged with another one of the same customer and day.
    refund_lines : int
        Lines used with a negative amount.
    refund_days, cancelled_days, purchase_days : int
        Days with refunds only; days with a purchase that a refund took back; days that count as a purchase.
    customers_seen, customers_excluded, customers : int
        Customers in the lines used, those of whom refunds left no purchase, and those summarized.
    one_time_buyers, zero_spend_customers : int
        Customers with one purchase day, and those whose every purchase was worth 0 (None without amounts).
    amount_bought, amount_refunded, amount_unmatched, amount_spent : float or None
        Purchases; refunds; the part of the refunds that found no earlier purchase; what is left on the purchase days.
        None without amounts.
    refunds : str
        "net", "drop" or "error".
    first_day, observation_end : str
        First day with a line that is used, and the last day observed.
    end_is_last_day : bool
        observation_end was not given and is the last day of the log.
    several_values : dict
        For each kept column the number of customers whose purchases have more than one value of it.
    lines_skipped, lines_of_same_order : int
        Lines that were left out as no purchases, and further lines of an order whose amount stands once.
    lines_in_other_currency : int
        Lines that were left out since they are in another currency than the one that was chosen.
    guessed : tuple of (str, str)
        Columns that were guessed from their names: what they hold, and the column.
    notes : tuple of str
        Sentences on how the log is read.
    lines_date_unreadable : int
        Lines that were left out since their date can't be read.
    unreadable_dates : tuple of str
        Some of them, by customer and date.
    lines_copied, lines_copied_dropped : int
        Lines that are exact copies of another one, beyond the first of each; those of them that were left out.
    lines_copied_across : int
        Those of them whose other line stands in another file.
    copies_timed : bool
        Whether lines that are copies have times of day.
    currencies : tuple, optional
        Several currencies whose amounts are added up: the column that names them, and each with its lines; of signs
        that stand with the amounts, no column and no counts.
    gap : tuple of str, optional
        Last and first day with a line before and after the longest time without one, if that is longer than two weeks.
    """

    lines: int
    lines_without_customer: int
    lines_without_date: int
    lines_after_end: int
    lines_used: int
    orders: int
    refund_orders: int
    same_day_orders: int
    refund_lines: int
    refund_days: int
    cancelled_days: int
    purchase_days: int
    customers_seen: int
    customers_excluded: int
    customers: int
    one_time_buyers: int
    zero_spend_customers: int | None
    amount_bought: float | None
    amount_refunded: float | None
    amount_unmatched: float | None
    amount_spent: float | None
    refunds: str
    first_day: str
    observation_end: str
    end_is_last_day: bool
    several_values: dict[str, int] = field(default_factory=dict)
    lines_skipped: int = 0
    lines_of_same_order: int = 0
    guessed: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    lines_date_unreadable: int = 0
    unreadable_dates: tuple[str, ...] = ()
    lines_copied: int = 0
    lines_copied_dropped: int = 0
    lines_copied_across: int = 0
    copies_timed: bool = False
    gap: tuple[str, str] | None = None
    currencies: tuple[str, tuple[tuple[str, int], ...]] | None = None
    lines_in_other_currency: int = 0

    def rows(self) -> list[tuple[str, str]]:
        """What is counted, in words, and its number, in the order in which lines become customers.

        Returns
        -------
        list of (str, str)
            One pair a row of the report; an indented name is a part of the one before it.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
        >>> customers.report.rows()[0]
        ('Lines read', '6,919')
        """
        end = f"{self.observation_end}{', the last day of the log' if self.end_is_last_day else ''}"
        refunds = {"net": "set against earlier purchases", "drop": "left out", "error": "none allowed"}[self.refunds]
        kept_copies = self.lines_copied - self.lines_copied_dropped
        counts: list[tuple[str, int | float | None]] = [
            ("Lines read", self.lines),
            *((("  exact copies of another line", -self.lines_copied_dropped),) * bool(self.lines_copied_dropped)),
            *((("  that are no purchases", -self.lines_skipped),) if self.lines_skipped else ()),
            *((("  further lines of the same order", -self.lines_of_same_order),) if self.lines_of_same_order else ()),
            *((("  in another currency", -self.lines_in_other_currency),) * bool(self.lines_in_other_currency)),
            ("  without a customer", -self.lines_without_customer),
            ("  without a date", -self.lines_without_date),
            *((("  with a date that can't be read", -self.lines_date_unreadable),) * bool(self.lines_date_unreadable)),
            (f"  after the end of the observation ({end})", -self.lines_after_end),
            ("Lines used", self.lines_used),
            *((("  of these exact copies of another line", kept_copies),) * bool(kept_copies)),
            ("Orders in them", self.orders),
            (f"  refunds ({refunds})", -self.refund_orders),
            ("  merged with another one of the same day", -self.same_day_orders),
            ("  days that a refund took back", -self.cancelled_days),
            ("Purchase days", self.purchase_days),
            ("Customers in the lines used", self.customers_seen),
            ("  with refunds only, or nothing left", -self.customers_excluded),
            ("Customers", self.customers),
            ("  of these one-time buyers", self.one_time_buyers),
            ("  of these with purchases worth 0 only", self.zero_spend_customers),
            *((f"  of these with more than one {name}", number) for name, number in self.several_values.items()),
        ]
        rows = [(name, f"{value:,}") for name, value in counts if value is not None]
        if self.amount_bought is None or self.amount_spent is None or self.amount_unmatched is None:
            return rows
        matched = self.amount_spent - self.amount_bought
        amounts = [
            ("Amount bought", self.amount_bought),
            ("  refunds set against it", matched),
            ("Amount on purchase days", self.amount_spent),
            ("Refunds that found no earlier purchase", self.amount_unmatched),
        ]
        return rows + [(name, f"{value + 0.0:,.2f}") for name, value in amounts]

    def __str__(self) -> str:
        """The table of `rows` as text."""
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        digits = max(len(value) for _, value in rows)
        return "\n".join([*(f"{name:<{width}}  {value:>{digits}}" for name, value in rows), *self.remarks()])

    def remarks(self) -> list[str]:
        """How the log was read, where that was not said: columns that were guessed, and what a known export holds.

        Returns
        -------
        list of str
            Sentences; none if every column was named.

        Examples
        --------
        >>> import clvmodels as clv
        >>> clv.summarize(clv.datasets.path("cdnow_sample")).report.remarks()
        ['Columns by their names: customer is customer_id, date is date, amount is amount.']
        """
        named = ", ".join(f"{role} is {column}" for role, column in self.guessed)
        unreadable = f"Dates that can't be read: {'; '.join(self.unreadable_dates)}."
        return [
            *([f"Columns by their names: {named}."] if named else []),
            *self.notes,
            *([unreadable] if self.unreadable_dates else []),
        ]

    def _repr_html_(self) -> str:
        def cell(name: str) -> str:
            indent = "padding-left:2em" if name.startswith(" ") else "font-weight:600"
            return f'<td style="text-align:left;{indent}">{html.escape(name.strip())}</td>'

        body = "".join(f"<tr>{cell(name)}<td>{value}</td></tr>" for name, value in self.rows())
        remarks = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.remarks())
        return f"<table><tbody>{body}</tbody></table>{remarks}"

    def imbalances(self) -> list[str]:
        """The sums that don't add up; none if all is well, as it always shall be.

        Returns
        -------
        list of str
            A sentence for each sum that is off.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date")
        >>> customers.report.imbalances()
        []
        """
        counts = {
            "lines = skipped + of the same order + without customer or readable date + after + used": self.lines
            - (self.lines_copied_dropped + self.lines_skipped + self.lines_of_same_order + self.lines_without_customer)
            - self.lines_in_other_currency
            - (self.lines_without_date + self.lines_date_unreadable + self.lines_after_end + self.lines_used),
            "orders - refund orders - same-day orders = cancelled days + purchase days": self.orders
            - self.refund_orders
            - self.same_day_orders
            - self.cancelled_days
            - self.purchase_days,
            "customers seen = excluded + summarized": self.customers_seen - self.customers_excluded - self.customers,
        }
        wrong = [f"{sentence} (off by {difference})" for sentence, difference in counts.items() if difference]
        amounts = (self.amount_bought, self.amount_spent, self.amount_refunded, self.amount_unmatched)
        if None not in amounts:
            bought, spent, refunded, unmatched = (amount or 0.0 for amount in amounts)
            matched = 0.0 if self.refunds == "drop" else refunded - unmatched
            if not math.isclose(bought, spent + matched, rel_tol=1e-9, abs_tol=1e-9):
                wrong.append("bought = spent + refunds matched")
        return wrong
