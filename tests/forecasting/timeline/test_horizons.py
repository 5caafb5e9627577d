"""Horizons end on days of the calendar, and periods cover every day once."""

import numpy as np
import pandas as pd
import pytest

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.timeline.horizons import calendar_periods, horizon_end, horizon_in_units


@pytest.mark.parametrize(
    ("end", "horizon", "last"),
    [
        ("2011-12-31", "1Y", "2012-12-31"),  # 365.25 days would end on 30 December
        ("2012-02-29", "1Y", "2013-02-28"),
        ("2011-06-30", "12M", "2012-06-30"),
        ("2011-02-28", "1M", "2011-03-31"),  # the last day of a month stays the last
        ("2011-01-30", "1M", "2011-02-28"),
        ("2011-12-08", "6M", "2012-06-08"),
        ("2011-12-08", "182D", "2012-06-07"),
        ("2011-12-08", "26W", "2012-06-07"),
        ("2011-12-08", "0.5Y", "2012-06-08"),  # 182.6 days
    ],
)
def test_horizons_end_on_the_day_of_the_calendar(end: str, horizon: str, last: str) -> None:
    assert horizon_end(pd.Timestamp(end), horizon) == pd.Timestamp(last)


def test_numbers_are_of_the_unit() -> None:
    end = pd.Timestamp("1997-09-30")
    assert horizon_end(end, 39, "week") == pd.Timestamp("1998-06-30")
    assert horizon_in_units(end, 39, "week") == 39.0
    assert horizon_in_units(pd.Timestamp("2011-12-31"), "1Y", "week") == 366 / 7


@pytest.mark.parametrize("horizon", ["0D", 0, "1Z", "-1Y", float("nan"), "9999999Y"])
def test_horizons_without_a_meaning_are_refused(horizon: object) -> None:
    with pytest.raises(ArgumentError, match="horizon"):
        horizon_end(pd.Timestamp("2011-12-31"), horizon)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["week", "month", "quarter"])
@pytest.mark.parametrize(
    ("after", "until"), [("2011-12-31", "2012-12-31"), ("2024-02-28", "2024-03-01"), ("2023-07-03", "2023-07-04")]
)
def test_periods_cover_every_day_once(by: str, after: str, until: str) -> None:
    periods = calendar_periods(pd.Timestamp(after), pd.Timestamp(until), by)
    assert periods["days"].sum() == (pd.Timestamp(until) - pd.Timestamp(after)).days
    assert (periods["days"] >= 1).all()
    assert periods["first_day"].iloc[0] == pd.Timestamp(after) + pd.Timedelta(days=1)
    assert (periods["first_day"].to_numpy()[1:] == periods.index.to_numpy()[:-1] + np.timedelta64(1, "D")).all()
    assert periods.index[-1] == pd.Timestamp(until)


def test_only_full_periods_are_whole() -> None:
    months = calendar_periods(pd.Timestamp("2012-01-31"), pd.Timestamp("2012-04-15"), "month")
    assert months["whole"].tolist() == [True, True, False]
    assert months["days"].tolist() == [29, 31, 15]
    quarters = calendar_periods(pd.Timestamp("2012-01-15"), pd.Timestamp("2012-06-30"), "quarter")
    assert quarters["whole"].tolist() == [False, True]
    with pytest.raises(ArgumentError, match="by must be"):
        calendar_periods(pd.Timestamp("2012-01-15"), pd.Timestamp("2012-06-30"), "year")
