"""Opportunities: by hand, against a count of every period, and down to the published fit of the donations."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.models.purchases import bgbb
from clvmodels.transactions.summary.opportunities import summarize_opportunities
from tests.reference.tolerances import printed
from tests.transactions.summary.test_any_log import QUICK

READ = {"customer": "id", "date": "day", "amount": "paid"}


def log(*rows):
    return pd.DataFrame(rows, columns=["id", "day", "paid"])


def row(customers, customer):
    return tuple(customers.table.loc[customer, ["frequency", "recency", "T"]])


def test_months_of_the_calendar_are_counted_from_the_month_after_the_first_purchase():
    data = log(
        (1, "2023-12-31", 9.0), (1, "2024-01-01", 2.0), (1, "2024-01-31", 4.0), (1, "2024-03-15", 0.0),
        (2, "2024-02-29", 1.0), (2, "2024-02-10", 1.0), (3, "2024-04-30", 5.0),
    )  # fmt: skip
    customers = summarize_opportunities(data, opportunity="month", **READ, observation_end="2024-04-30")
    assert row(customers, 1) == (2, 2 + 1, 4)
    assert customers.table.loc[1, ["monetary_value", "spend_frequency"]].tolist() == [6.0, 1.0]  # March is worth 0
    assert row(customers, 2) == (0, 0, 2)
    assert row(customers, 3) == (0, 0, 0)
    assert (customers.unit, customers.observation_end) == ("month", pd.Timestamp("2024-04-30"))
    assert customers.table["frequency"].dtype == np.int64


def test_a_period_that_is_not_over_is_no_opportunity():
    data = log((1, "2024-01-05", 1.0), (1, "2024-02-10", 1.0), (1, "2024-03-20", 1.0), (2, "2024-03-02", 1.0))
    for end in ("2024-03-30", None):
        customers = summarize_opportunities(data, opportunity="month", **READ, observation_end=end)
        assert customers.observation_end == pd.Timestamp("2024-02-29")
        assert list(customers.table.index) == [1]
        assert row(customers, 1) == (1, 1, 1)
        assert customers.report.lines_after_end == 2
    years = summarize_opportunities(data, opportunity="year", **READ, observation_end="2025-12-31")
    assert row(years, 1) == (0, 0, 1)


def test_weeks_are_counted_back_from_the_end():
    data = log((1, "2024-01-01", 1.0), (1, "2024-01-08", 1.0), (1, "2024-01-14", 1.0))
    customers = summarize_opportunities(data, opportunity="week", **READ)
    assert row(customers, 1) == (1, 1, 1)  # 1 January; 8 to 14 January
    later = summarize_opportunities(data, opportunity="week", **READ, observation_end="2024-01-15")
    assert row(later, 1) == (2, 2, 2)  # 26 December to 1 January; 2 to 8; 9 to 15


def test_refunds_and_kept_columns_are_those_of_the_summary():
    data = log((1, "2024-01-05", 1.0), (1, "2024-02-10", 3.0), (1, "2024-03-20", -3.0)).assign(channel=["a", "b", "c"])
    customers = summarize_opportunities(
        data, opportunity="month", **READ, observation_end="2024-03-31", keep="channel", currency="EUR"
    )
    assert row(customers, 1) == (0, 0, 2)
    assert customers.table["channel"].tolist() == ["a"]
    assert customers.report.refund_lines == 1
    assert customers.currency == "EUR"


def test_opportunities_that_are_none():
    data = log((1, "2024-01-05", 1.0))
    with pytest.raises(ArgumentError, match=r"opportunity must be one of day, week, month, year, not 'hour'"):
        summarize_opportunities(data, opportunity="hour", **READ)
    with pytest.raises(DataError, match=r"No month was over by 2024-01-05, the last day of the log"):
        summarize_opportunities(data, opportunity="month", **READ)


LINE = st.tuples(st.integers(1, 3), st.integers(0, 120))


@QUICK
@given(rows=st.lists(LINE, min_size=1, max_size=25), opportunity=st.sampled_from(["day", "week", "month"]))
def test_law_opportunities_are_what_a_count_of_every_period_gives(rows, opportunity):
    """Month by month, week by week; in pandas and by the chain of polars."""
    start, end = pd.Timestamp("2023-11-15"), pd.Timestamp("2024-03-31")
    data = pd.DataFrame([(i, start + pd.Timedelta(days=d), 1.0) for i, d in rows], columns=["id", "day", "paid"])
    ends = [end]
    while ends[-1] >= start:
        before = ends[-1] - pd.Timedelta(days={"day": 1, "week": 7}.get(opportunity, ends[-1].day))
        ends.append(before)
    periods = [(after, until) for until, after in pairwise(ends)][::-1]
    for frame in (data, pl.from_pandas(data).lazy()):
        customers = summarize_opportunities(frame, opportunity=opportunity, **READ, observation_end=end)
        for customer, days in data.groupby("id")["day"]:
            bought = [any((days > after) & (days <= until)) for after, until in periods]
            bought = bought[bought.index(True) :]
            last = max(i for i, one in enumerate(bought) if one)
            assert row(customers, customer) == (sum(bought) - 1, last, len(bought) - 1)


def test_a_log_of_the_donations_gives_the_published_fit():
    """One line a gift in a year: the earliest gifts are put where the history leaves them open."""
    table = clv.datasets.load_donations()
    lines, donor = [], 0
    for x, t_x, _, count in table[["frequency", "recency", "periods", "weights"]].to_numpy(dtype=int):
        years = [0, *range(1, x), *([t_x] if x else [])]
        for _ in range(count):
            lines += [(donor, f"{1995 + year}-07-01", 25.0) for year in years]
            donor += 1
    customers = clv.summarize_opportunities(log(*lines), opportunity="year", **READ, observation_end="2001-12-31")
    fit = clv.fit(customers, "bg/bb")
    assert (fit.n_customers, fit.n_histories) == (11_104, 22)
    assert fit.parameters == pytest.approx(
        {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, abs=printed(3)
    )
    assert float(fit.expected_purchases("10Y", "new").iloc[0]) == pytest.approx(3.180, abs=printed(3))


def test_simulated_opportunities_come_back_from_their_log():
    rng = np.random.default_rng(2)
    opportunities = rng.integers(0, 24, 3_000).astype(float)
    x, t_x = bgbb.simulate(rng, opportunities, alpha=1.2, beta=0.8, gamma=0.7, delta=2.8)
    born = 24 - opportunities.astype(int)
    rows = [(i, born[i], 0) for i in range(len(x))]
    for i in np.flatnonzero(x):
        rows += [(i, born[i] + month, 0) for month in [*range(1, int(x[i])), int(t_x[i])]]
    months = (np.datetime64("2020-01") + np.array([month for _, month, _ in rows])).astype("M8[D]")
    data = pd.DataFrame({"id": [i for i, *_ in rows], "day": months + rng.integers(0, 28, len(rows)), "paid": 1.0})
    customers = summarize_opportunities(data, opportunity="month", **READ, observation_end="2022-01-31")
    table = customers.table
    assert np.array_equal(table[["frequency", "recency", "T"]].to_numpy(), np.stack([x, t_x, opportunities], axis=1))
