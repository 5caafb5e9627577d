"""The public table of accuracy: one origin a log is run again, and the means are those of the table."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clvmodels.evaluation.studies import accuracy_table
from clvmodels.evaluation.studies.shops import SHOPS

FILE = Path(__file__).parents[2] / "reference" / "accuracy.csv"
SCORES = list(accuracy_table.HIGHER)
ROUNDED = 1e-6  # digits of the file
SEARCHED = 1e-4  # another machine adds up in another order, and a search ends beside where it did
AGAIN = {
    "bg/nbd", "auto", "mbg/nbd, calendar", "last-period count", "last-period spend", "past rate", "past total",
    "hiatus", "pooled mean",
}  # fmt: skip


@pytest.fixture(scope="module")
def stored() -> pd.DataFrame:
    first, rest = FILE.read_text(encoding="utf-8").split("\n", 1)
    assert first.startswith("# python -m clvmodels.evaluation.study, clvmodels ")
    assert first.endswith(f"seed {accuracy_table.SEED}")
    return pd.read_csv(StringIO(rest))


def test_every_case_is_in_the_table(stored: pd.DataFrame) -> None:
    cases = [(case.name, case.days, f"{case.end:%Y-%m-%d}") for case in accuracy_table.cases()]
    assert len(cases) == 60
    assert set(stored.groupby(["log", "days", "origin"]).groups) == set(cases)
    assert stored.groupby(["log", "days", "origin"]).size().nunique() == 1  # no bad row is left out
    calendars = {f"{name}, calendar" for name in accuracy_table.WITH_CALENDAR}
    learned = {"best", "gradient boosting", "LightGBM"}
    assert {*accuracy_table.MODELS, *calendars, *AGAIN, *learned} == set(stored["predictor"])


@pytest.mark.slow
@pytest.mark.parametrize("log", ["CDNOW", "Online Retail II", *(f"simulated {name}" for name in SHOPS)])
def test_one_origin_a_log_is_as_it_was(log: str, stored: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in accuracy_table.cases() if case.name == log)  # the shortest calibration
    found = accuracy_table.of_case(case, ("bg/nbd",), ("mbg/nbd",), ()).set_index("predictor")
    then = stored[(stored["log"] == log) & (stored["days"] == case.days) & (stored["origin"] == f"{case.end:%Y-%m-%d}")]
    expected = then.set_index("predictor").loc[sorted(AGAIN), SCORES]
    assert np.allclose(found.loc[sorted(AGAIN), SCORES], expected, rtol=SEARCHED, atol=ROUNDED, equal_nan=True)


def test_ranks_and_what_is_ahead_by_hand() -> None:
    table = pd.DataFrame(
        {
            "predictor": ["a", "b", "a", "b"], "log": ["x", "x", "y", "y"], "days": 91, "origin": "2024-01-01",
            **dict.fromkeys(SCORES, np.nan), "spearman": [0.5, 0.4, 0.3, 0.6], "mae": [1.0, 2.0, 1.0, 2.0],
        }
    )  # fmt: skip
    ranks = accuracy_table.ranks(table)
    assert ranks.loc["a", ["spearman", "spearman rank", "mae rank"]].tolist() == [0.4, 1.5, 1.0]
    ahead = accuracy_table.behind(table, "a", "spearman").loc["b"]
    assert ahead.tolist() == pytest.approx([0.1, -0.1, 0.3], abs=1e-12)  # of two cases either can be drawn twice
    assert accuracy_table.behind(table, "a", "mae").loc["b", "ahead by"] == -1.0
