"""The report says what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.reporting.sections import doubts


def holdout(bias, capture, *, held=True, revenue_held=True):
    """A test of which only its scores are known: the forecast, and one rule of thumb."""
    names = ["forecast", "hiatus"]
    table = pd.DataFrame({"kind": ["forecast", "baseline"], "count_bias": bias, "top_capture": capture}, index=names)
    made = SimpleNamespace(range_of=lambda _: (100.0, 90.0, 110.0), interval=0.9)
    scores = pd.DataFrame(
        {"kind": "total", "quantity": "revenue", "level": 0.9, "range": "earlier errors", "covered": [revenue_held]}
    )
    evaluation = SimpleNamespace(
        table=table, top=0.2, fits={}, forecast=made, forecast_scores=scores,
        outcome=pd.DataFrame({"count": [100.0 if held else 120.0]}),
    )  # fmt: skip
    return SimpleNamespace(evaluation=evaluation, quantity="value")


def test_nothing_to_say_of_a_good_test():
    assert doubts.of_test(holdout([0.02, 0.00], [0.7, 0.7])) == ()


def test_totals_outside_their_ranges():
    (said,) = doubts.of_test(holdout([0.0, 0.1], [0.7, 0.6], held=False))
    assert "range of purchases did not hold what came" in said
    (said,) = doubts.of_test(holdout([0.0, 0.1], [0.7, 0.6], held=False, revenue_held=False))
    assert "range of purchases and revenue did not hold" in said


def test_an_alternative_that_came_closer_or_ranked_better():
    (said,) = doubts.of_test(holdout([-0.2, 0.01], [0.7, 0.6]))
    assert "off by 20" in said
    assert "hiatus (active if the last purchase is recent) by 1" in said
    assert doubts.of_test(holdout([-0.2, 0.15], [0.7, 0.6])) == ()  # hardly closer
    (said,) = doubts.of_test(holdout([0.0, 0.1], [0.70, 0.74]))
    assert "hiatus (active if the last purchase is recent) puts first brought 74" in said


def test_a_forecast_without_a_season_says_so(study):
    assert doubts.remarks(study) == ()
    made = replace(study.forecast, notes=(doubts.NO_SEASON,))
    (remark,) = doubts.remarks(replace(study, forecast=made))
    assert remark.sentence.startswith("With less than a year of data no season can be seen")


def test_strong_seasons(study, monkeypatch):
    def table(high):
        return pd.DataFrame({"part": "month", "factor": [1.0, high]}, index=["May", "November"])

    class OnACalendar(ClockStructure):
        def __init__(self):
            pass

    whose = SimpleNamespace(
        holdout_test=None, forecast=study.forecast, customers=study.customers,
        purchases=SimpleNamespace(structure=OnACalendar()),
    )  # fmt: skip
    monkeypatch.setattr(doubts, "calendar_table", lambda _: table(1.6))
    (remark,) = doubts.remarks(whose)
    assert remark.sentence.startswith("Seasons are strong: November has 1.6 times the purchases of an average month")
    monkeypatch.setattr(doubts, "calendar_table", lambda _: table(1.1))
    assert doubts.remarks(whose) == ()
