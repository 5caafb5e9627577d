"""Subscriptions from survival tables and customer rows: what is counted, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.subscriptions.periods import whole_periods
from tests.reference.tolerances import ROUNDING, SEARCH, SUMMATION


def _rows(*terms: tuple[Any, Any], end: str = "2024-01-15", unit: str = "year") -> pd.DataFrame:
    frame = pd.DataFrame(terms, columns=["from", "to"])
    return clv.Subscriptions.from_frame(frame, start="from", end="to", observation_end=end, unit=unit).table


def _history(start: str, stop: str | None, **options: str) -> tuple[int, bool, bool]:
    row = _rows((start, stop), **options).iloc[0]
    return int(row["periods"]), bool(row["lost"]), bool(row["active"])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-01-15", None, (1, False, True)),  # the renewal of that very day was made
        ("2023-01-16", None, (0, False, True)),
        ("2023-01-15", "2024-01-15", (0, True, False)),  # ended on the day of the first renewal
        ("2023-01-15", "2024-01-14", (0, True, False)),  # the last day served, as others write it
        ("2023-01-15", "2023-06-01", (0, True, False)),  # within the first year, which is over by now
        ("2021-01-15", "2023-01-16", (2, True, False)),  # a day into the third year
        ("2021-01-15", "2024-01-15", (2, True, False)),
        ("2023-03-01", "2023-04-01", (0, False, False)),  # left, but the year that tells is not over
        ("2023-01-15", "2023-01-15", (0, True, False)),
        ("2022-01-15", "2024-01-16", (2, False, True)),  # an end to come
        ("2020-02-29", "2023-02-28", (2, True, False)),  # three years, on the last day of February
    ],
)
def test_terms_become_renewals(start: str, end: str | None, expected: tuple[int, bool, bool]) -> None:
    assert _history(start, end) == expected


def test_months_are_those_of_the_calendar() -> None:
    assert _history("2023-01-31", None, end="2023-02-28", unit="month") == (1, False, True)
    assert _history("2023-01-31", None, end="2023-03-30", unit="month") == (1, False, True)
    assert _history("2023-01-31", None, end="2023-03-31", unit="month") == (2, False, True)
    assert _history("2023-01-31", "2023-04-30", end="2023-12-31", unit="month") == (2, True, False)
    assert _history("2023-01-31", "2023-02-14", end="2023-02-14", unit="week") == (1, True, False)


@given(
    st.dates(dt.date(1999, 1, 1), dt.date(2031, 1, 1)),
    st.integers(0, 3000),
    st.sampled_from(["day", "week", "month", "year"]),
)
def test_whole_periods_are_those_of_a_calendar_walked_through(first: dt.date, days: int, unit: str) -> None:
    last = first + dt.timedelta(days=days)
    offset = {"day": "days", "week": "weeks", "month": "months", "year": "years"}[unit]
    start, count = pd.Timestamp(first), 0
    while start + pd.DateOffset(**{offset: count + 1}) <= pd.Timestamp(last):
        count += 1
    exact = start + pd.DateOffset(**{offset: count}) == pd.Timestamp(last)
    day = [np.array([date]).astype("datetime64[D]").astype(np.int64) for date in (first, last)]
    whole, is_exact = whole_periods(*day, unit)
    assert (int(whole[0]), bool(is_exact[0])) == (count, exact)


def test_leaving_within_a_period_does_not_count_before_it_is_over() -> None:
    """Ends on any day of the period: counted at once they would raise the churn of the youngest cohorts."""
    rng = np.random.default_rng(5)
    size = 40_000
    start = np.datetime64("2020-01-01") + rng.integers(0, 1400, size)
    churn = rng.beta(2.0, 8.0, size)
    years = rng.geometric(churn) - rng.random(size)  # the end lies within the last period
    end = start + np.minimum(years * 365.25, 30_000).astype(np.int64)
    frame = pd.DataFrame({"start": start, "end": end})
    subscriptions = clv.Subscriptions.from_frame(
        frame, start="start", end="end", observation_end="2023-12-31", unit="year"
    )
    fit = clv.fit(subscriptions, "sbg")
    for name, value in {"alpha": 2.0, "beta": 8.0}.items():
        assert abs(np.log(fit.parameters[name] / value)) < 4.0 * fit.standard_errors[name] / fit.parameters[name]
    first = subscriptions.observed().loc[1]
    # four standard errors
    assert first["retention"] == pytest.approx(0.8, abs=4.0 * np.sqrt(0.16 / first["at_risk"]))


@pytest.mark.parametrize("kind", ["texts", "dates", "timestamps", "numbers", "polars"])
def test_dates_in_any_form_give_one_answer(kind: str) -> None:
    texts = pd.DataFrame({"customer_id": [7, 8], "start": ["2021-01-31", "2021-03-15"], "end": [None, "2021-06-15"]})
    frame: Any = texts
    if kind == "dates":
        frame = texts.assign(start=[dt.date(2021, 1, 31), dt.date(2021, 3, 15)], end=[None, dt.date(2021, 6, 15)])
    elif kind == "timestamps":
        frame = texts.assign(
            start=pd.to_datetime(texts["start"] + "T23:30").dt.tz_localize("Asia/Tokyo"),
            end=pd.to_datetime(texts["end"]),
        )
    elif kind == "numbers":
        frame = texts.assign(start=[20210131, 20210315], end=[np.nan, 20210615])
    elif kind == "polars":
        dates = {"start": [dt.date(2021, 1, 31), dt.date(2021, 3, 15)], "end": [None, dt.date(2021, 6, 15)]}
        frame = pl.DataFrame({"customer_id": [7, 8], **dates})
    options = {"start": "start", "end": "end", "observation_end": "2021-08-01", "unit": "month"}
    expected = clv.Subscriptions.from_frame(texts, **options).table
    pd.testing.assert_frame_equal(clv.Subscriptions.from_frame(frame, **options).table, expected)
    assert expected["periods"].to_list() == [6, 2]


def test_rows_and_survival_table_fit_alike() -> None:
    counts = [1000, 869, 743, 653, 593]
    table = clv.Subscriptions.from_survival(counts, unit="year")
    start = pd.Timestamp("2019-05-31")
    years = np.repeat(np.arange(1, 6), -np.diff([*counts, 0]))
    frame = pd.DataFrame({"end": [start + pd.DateOffset(years=int(k)) for k in years]}).assign(start=start)
    rows = clv.Subscriptions.from_frame(frame, start="start", end="end", observation_end="2023-05-31", unit="year")
    assert len(rows) == len(table) == 1000
    pd.testing.assert_frame_equal(rows.observed(), table.observed())
    assert table.observed()["survival"].to_numpy() == pytest.approx(np.array(counts[1:]) / 1000, rel=ROUNDING)
    for model in ("sbg", "bdw"):
        one, other = clv.fit(rows, model), clv.fit(table, model)
        assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=SUMMATION)
        assert one.expected_customers(3).to_numpy() == pytest.approx(other.expected_customers(3).to_numpy(), rel=SEARCH)


def test_cohorts_of_different_age_come_as_columns_with_gaps_below() -> None:
    frame = pd.DataFrame({2021: [100, 80, 70], 2022: [120, 90, np.nan], 2023: [150, np.nan, np.nan]})
    subscriptions = clv.Subscriptions.from_survival(frame, unit="year", segments=dict.fromkeys(frame, "shop"))
    assert subscriptions.observed()[["at_risk", "lost"]].to_numpy().tolist() == [[220, 50], [80, 10]]
    assert len(subscriptions) == 370
    assert list(subscriptions.segments()) == ["shop"]
    assert "370 customers, renewing each year: 310 still there" in repr(subscriptions)


def test_who_starts_later_is_left_out_and_counted() -> None:
    frame = pd.DataFrame({"start": ["2020-01-01", "2021-06-01"], "end": [None, None]})
    subscriptions = clv.Subscriptions.from_frame(
        frame, start="start", end="end", observation_end="2020-12-31", unit="month"
    )
    assert (len(subscriptions), subscriptions.not_started) == (1, 1)
    assert "still there on 2020-12-31 (1 who started later left out)" in repr(subscriptions)
    assert "<table" in subscriptions._repr_html_()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1000, 869.5], r"Cohort 'all' has 869.5 customers after 1 periods, which is not a whole number"),
        ([1.0, 0.869], r"If these are shares, multiply them by the size"),
        ([100, 90, 95], r"grows from 90 to 95 customers after 2 periods.*df\.T"),
        ({"a": [100, None, 90]}, r"Cohort 'a' has no count after 1 periods but later ones"),
        ({"a": [None, None]}, r"no count after 0 periods"),
        ([100, -5], r"has -5 customers"),
        (["many", "few"], r"holds 'many', which is not a number"),
        ([0, 0], r"starts with 0 customers"),
        ({}, r"the survival table is empty"),
    ],
)
def test_survival_tables_that_make_no_sense(counts: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        clv.Subscriptions.from_survival(counts, unit="year")


def test_arguments_that_make_no_sense() -> None:
    with pytest.raises(ArgumentError, match="Pass unit=, the period from one renewal to the next"):
        clv.Subscriptions.from_survival([10, 9])
    with pytest.raises(ArgumentError, match="one of day, week, month, year, not 'quarter'"):
        clv.Subscriptions.from_survival([10, 9], unit="quarter")
    with pytest.raises(ArgumentError, match="segments has no entry for cohort 'b'"):
        clv.Subscriptions.from_survival({"a": [9], "b": [9]}, unit="year", segments={"a": "x"})
    with pytest.raises(ArgumentError, match="not int"):
        clv.Subscriptions.from_survival(7, unit="year")
    with pytest.raises(DataError, match="Cohorts \\['a'\\] stand more than once"):
        clv.Subscriptions.from_survival(pd.DataFrame([[9, 9]], columns=["a", "a"]), unit="year")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"start": ["2020-01-01", None], "end": [None, None]}, r"1 customer has no start \(id 1\)"),
        ({"start": ["2020-01-01"], "end": ["2019-01-01"]}, r"1 customer has end before start \(id 0\). Are the"),
        ({"start": ["first of May"], "end": [None]}, r"a start that is not a date, such as 'first of May'"),
        ({"start": [1.5], "end": [None]}, r"a start that is not a date, such as '1.5'"),
        ({"start": ["2020-01-01"], "end": [True]}, r"an? end that is not a date"),
        ({"start": [], "end": []}, r"the table is empty"),
        ({"start": ["2030-01-01"], "end": [None]}, r"No customer has started by 2024-01-15"),
        ({"begin": ["2020-01-01"], "end": [None]}, r"Columns 'start' not found"),
    ],
)
def test_rows_that_make_no_sense(frame: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        clv.Subscriptions.from_frame(
            pd.DataFrame(frame), start="start", end="end", observation_end="2024-01-15", unit="year"
        )


def test_a_missing_segment_is_named() -> None:
    frame = pd.DataFrame({"start": ["2020-01-01"] * 2, "end": [None] * 2, "plan": ["basic", None]})
    with pytest.raises(DataError, match=r"1 customer has no plan \(id 1\)"):
        clv.Subscriptions.from_frame(
            frame, start="start", end="end", observation_end="2024-01-15", unit="year", segment="plan"
        )
