"""The study of ranges: origins, coverage by hand, and one origin of a log whose truth is known."""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.decisions.equity import study
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from tests.decisions.equity.conftest import COLUMNS


def test_coverage_by_hand() -> None:
    origins = pd.date_range("2011-01-01", periods=4, freq="28D")
    index = pd.MultiIndex.from_product(
        [["shop"], [28], origins, ["base", "new"]], names=["log", "days", "origin", "part"]
    )
    found = pd.DataFrame(
        {
            "forecast": [100.0, 0.0] * 4,
            "lower": [80.0, 0.0] * 4,
            "upper": [130.0, 0.0] * 4,
            "actual": [100.0, 0.0] * 3 + [140.0, 0.0],
            "inside": [True] * 6 + [False, True],
            "log_error": [0.0, float("nan")] * 3 + [0.4, float("nan")],
        },
        index=index,
    )
    table = study.coverage(found)
    assert table.loc[("shop", 28, "base"), ["mean |log error|", "width", "held", "origins"]].tolist() == pytest.approx(
        [0.1, 0.5, 0.75, 4]
    )
    assert table.loc[("shop", 28, "base"), "from"] <= 0.75 <= table.loc[("shop", 28, "base"), "to"]
    assert ("shop", 28, "new") not in table.index  # nobody was expected and nobody came
    assert table.loc[("all", 0, "every part"), "origins"] == 4


def test_one_origin_of_a_steady_business(steady_log: pd.DataFrame) -> None:
    some = steady_log[steady_log["customer_id"] % 3 == 0]
    record = PurchaseRecord.of(clv.summarize(some, **COLUMNS, unit="week", keep_purchases=True))
    assert record is not None
    dates = study.origins(record, 91)
    assert dates[-1] == record.end - pd.Timedelta(days=91)
    assert (dates[0] - pd.Timestamp("2022-01-01")).days + 1 >= study.LEAST
    found = study.of_origin(record, dates[-1], 91)
    first = some.groupby("customer_id")["date"].transform("min")
    inside = some[some["date"] > dates[-1]]
    new = inside.loc[first[inside.index] > dates[-1], "amount"].sum()
    assert found.loc["new", "actual"] == pytest.approx(new)
    assert found.loc["both", "actual"] == pytest.approx(inside["amount"].sum())
    assert found["inside"].all()
