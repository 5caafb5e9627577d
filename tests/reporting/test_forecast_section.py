"""What the report says of months, whose lengths differ."""

from __future__ import annotations

import pandas as pd

from clvmodels.reporting.sections.forecast import short_months


def months(*purchases, days=(31, 28, 31), first="2025-01-31"):
    index = pd.date_range(first, periods=len(purchases), freq="ME")
    return pd.DataFrame({"purchases": purchases, "days": days, "whole": True}, index=index)


def test_a_february_that_is_only_shorter():
    """29 a day, beside 30 and 28 a day."""
    (said,) = short_months(months(930, 812, 868), "month")
    assert said == "February of 2025 lies below the months beside it only because it is shorter."


def test_a_bad_february_and_a_good_one_need_no_word():
    assert short_months(months(930, 700, 868), "month") == []  # 25 a day
    assert short_months(months(930, 900, 868), "month") == []  # not below March
    assert short_months(months(930, 812, 868, first="2025-05-31"), "month") == []  # June
    assert short_months(months(930, 812, 868), "quarter") == []
