"""Payments: which invoices count, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

COLUMNS = {"customer": "id", "due": "due", "amount": "amount", "paid": "paid"}


def payments(rows: list[tuple[object, ...]], **options: object) -> clv.Payments:
    table = pd.DataFrame(rows, columns=["id", "due", "amount", "paid", "segment"][: len(rows[0])])
    return clv.Payments.from_invoices(table, **COLUMNS, **({"observation_end": "2024-12-31"} | options))


def test_an_invoice_says_nothing_until_its_time_to_pay_is_over() -> None:
    table = payments(
        [
            (1, "2024-10-02", 100.0, "2024-10-01"),  # 90 days are over on 31 December
            (1, "2024-10-03", 100.0, "2024-10-01"),  # not over: paid, and doesn't count
            (1, "2024-10-03", 70.0, None),  # not over: open
            (2, "2024-01-31", 50.0, "2024-04-30"),  # paid on the last of the 90 days: late
            (2, "2024-01-31", 50.0, "2024-05-01"),  # paid a day later: lost
            (2, "2024-01-31", 30.0, None),
        ]
    ).table
    assert table.loc[1].to_dict() == {
        "invoices": 1, "unpaid": 0, "late": 0, "open_amount": 70.0, "unpaid_amount": 0.0
    }  # fmt: skip
    assert table.loc[2].to_dict() == {
        "invoices": 3, "unpaid": 2, "late": 1, "open_amount": 0.0, "unpaid_amount": 80.0
    }  # fmt: skip


def test_payments_after_the_end_have_not_happened_yet() -> None:
    rows = [(1, "2024-11-30", 60.0, "2025-01-15")]
    assert payments(rows).table.loc[1, "open_amount"] == 60.0
    assert payments(rows, observation_end="2025-01-15").table.loc[1, "open_amount"] == 0.0


def test_the_time_to_pay_is_a_choice() -> None:
    rows = [(1, "2024-01-31", 60.0, "2024-02-20")]
    assert payments(rows, default_after="30D").table.loc[1, ["unpaid", "late"]].tolist() == [0, 1]
    assert payments(rows, default_after=10).table.loc[1, ["unpaid", "late"]].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ((1, "soon", 1.0, None), r"1 rows have a due that is not a date \(row 1\)"),
        ((1, None, 1.0, None), "no due"),
        ((None, "2024-01-01", 1.0, None), "no id"),
        ((1, "2024-01-01", -1.0, None), "no number of 0 or more"),
        ((1, "2024-01-01", "much", None), "no number of 0 or more"),
        ((1, "2024-01-01", float("inf"), None), "no number of 0 or more"),
    ],
)
def test_rows_that_cannot_be_read_are_refused(row: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        payments([row])


def test_segments_belong_to_customers() -> None:
    rows = [(1, "2024-01-01", 1.0, None, "a"), (1, "2024-02-01", 1.0, None, "b")]
    with pytest.raises(DataError, match="more than one segment"):
        payments(rows, segment="segment")
    assert payments(rows[:1], segment="segment").table.loc[1, "segment"] == "a"


def test_counts_must_be_counts() -> None:
    for n, k in ((3, 4), (2.5, 1), (-1, 0), (None, 0)):
        with pytest.raises(DataError, match="0 <= k <= n"):
            clv.Payments.from_counts(pd.DataFrame({"n": [n], "k": [k]}), n="n", k="k")


def test_arguments_without_meaning_are_refused() -> None:
    rows = [(1, "2024-01-01", 1.0, None)]
    with pytest.raises(ArgumentError, match="default_after"):
        payments(rows, default_after="soon")
    with pytest.raises(ArgumentError, match="observation_end"):
        payments(rows, observation_end="soon")
    with pytest.raises(DataError, match="empty"):
        clv.Payments.from_invoices(
            pd.DataFrame(columns=["id", "due", "amount", "paid"]), observation_end="2024-12-31", **COLUMNS
        )
