"""Calendar periods cover every day once."""

import numpy as np
import pandas as pd
import pytest

from clvmodels.errors import ArgumentError
from clvmodels.forecasting.timeline.calendar_periods import calendar_periods


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
