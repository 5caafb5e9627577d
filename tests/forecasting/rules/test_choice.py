"""The choice of "auto": what the length of the log allows, unless a simpler model did better at every earlier date."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.forecasting.rules.choice import LEAST_DATES, SIMPLER, Tried, choose
from clvmodels.forecasting.rules.gate import BY_LENGTH, Rule
from clvmodels.forecasting.rules.inner_holdouts import EarlierForecast, EarlierForecasts, earlier_forecasts
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from tests.reference.tolerances import PREDICTION

CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}
END, DAYS = pd.Timestamp("1998-03-31"), 91


@pytest.fixture(scope="module")
def record() -> PurchaseRecord:
    path = clv.datasets.path("cdnow_sample")
    found = PurchaseRecord.of(clv.summarize(path, **CDNOW, observation_end=END, keep_purchases=True))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def usual(record: PurchaseRecord) -> Tried:
    """The rule by the length of the log, at the dates that the schedule gives."""
    fitted = Rule().fit(record.customers, record.observed_days)
    return Tried(Rule(), fitted, earlier_forecasts(record, Rule(), None, DAYS, "month", fitted))


def with_scores(usual: Tried, change: Callable[[EarlierForecast], EarlierForecast], dates: int = 6) -> Tried:
    return replace(usual, earlier=EarlierForecasts(tuple(map(change, usual.earlier.found[:dates]))))


def hopeless(one: EarlierForecast) -> EarlierForecast:
    return replace(one, log_score=9.0, purchases=(10.0 * one.purchases[1], one.purchases[1]))


def test_a_simpler_model_that_did_better_at_every_date_takes_over(record: PurchaseRecord, usual: Tried) -> None:
    found = choose(with_scores(usual, hopeless), record, None, DAYS, "month")
    assert found.choice is not None
    scores = found.choice.table["log_score"].drop(BY_LENGTH, level="model").groupby("model").mean()
    assert found.choice.model == scores.idxmin()
    assert found.fitted.fits[0].parameters == pytest.approx(
        clv.fit(record.customers, found.choice.model).parameters, rel=1e-4
    )  # two searches for one flat maximum
    assert [one.title for one in found.earlier.found] == [found.fitted.title] * 6
    assert f"{found.fitted.title}: its probabilities of a purchase were better at all 6 earlier dates" in repr(
        found.choice
    )


def test_better_probabilities_with_worse_totals_change_nothing(record: PurchaseRecord, usual: Tried) -> None:
    def exact(one: EarlierForecast) -> EarlierForecast:
        return replace(one, log_score=9.0, purchases=(one.purchases[1], one.purchases[1]))

    found = choose(with_scores(usual, exact), record, None, DAYS, "month")
    assert found.choice is not None
    assert (found.choice.model, found.fitted) == (BY_LENGTH, usual.fitted)
    assert set(found.choice.table.index.unique("model")) == {BY_LENGTH, *SIMPLER}
    assert found.choice.sentence.endswith("BG/NBD and MBG/NBD were tried beside it at 6 earlier dates, and neither was "
                                          "better at every one.")  # fmt: skip


def test_a_rival_is_dropped_at_the_first_date_at_which_it_is_no_better(record: PurchaseRecord, usual: Tried) -> None:
    latest = usual.earlier.found[0].origin
    found = choose(
        with_scores(usual, lambda one: hopeless(one) if one.origin != latest else replace(one, log_score=0.0)),
        record, None, DAYS, "month",
    )  # fmt: skip
    assert found.choice is not None
    assert found.choice.model == BY_LENGTH
    assert [len(found.choice.table.loc[name]) for name in SIMPLER] == [1, 1]


def test_few_dates_are_no_evidence(record: PurchaseRecord, usual: Tried) -> None:
    few = choose(with_scores(usual, hopeless, LEAST_DATES - 1), record, None, DAYS, "month")
    enough = choose(with_scores(usual, hopeless, LEAST_DATES), record, None, DAYS, "month")
    assert few.choice is not None
    assert enough.choice is not None
    assert (few.choice.model, few.choice.cost) == (BY_LENGTH, "")
    assert f"fewer than {LEAST_DATES} earlier dates" in few.choice.sentence
    assert enough.choice.model in SIMPLER
    assert "Trying other models took" in enough.choice.cost


def test_models_that_are_named_stay(record: PurchaseRecord, usual: Tried) -> None:
    for name in ("bg/nbd", BY_LENGTH):
        named = replace(with_scores(usual, hopeless), rule=Rule(name))
        assert choose(named, record, None, DAYS, "month") is named


def test_scores_are_those_of_what_came_after_each_date() -> None:
    log = clv.datasets.load_cdnow(sample=True)
    forecast = clv.forecast(log, **CDNOW, observation_end=END, horizon=f"{DAYS}D", spend=None)
    assert forecast.choice is not None
    origin = forecast.earlier.index[0]
    split = clv.holdout_split(log, **CDNOW, calibration_end=origin, observation_end=END)
    assert origin + pd.Timedelta(days=DAYS) == END
    chance = clv.fit(split.calibration, "bg/nbd").purchase_probability(13).to_numpy()
    came = np.where(split.table["frequency"] > 0, chance, 1.0 - chance)
    found = forecast.choice.table.loc[("bg/nbd", origin), "log_score"]
    assert found == pytest.approx(-np.log(came).mean(), rel=PREDICTION)


@pytest.mark.filterwarnings("ignore::clvmodels.errors.ClvWarning")  # the days to come have lost all sense, on purpose
def test_the_days_to_be_forecast_have_no_say() -> None:
    log, rng = clv.datasets.load_cdnow(sample=True), np.random.default_rng(7)
    later = (log["date"] > END).to_numpy()
    scrambled = log.copy()
    scrambled.loc[later, "customer_id"] = rng.integers(1, 5000, later.sum())
    scrambled.loc[later, "date"] = END + pd.to_timedelta(rng.integers(1, DAYS, later.sum()), unit="D")
    one, other = (
        clv.evaluate(
            lines, **CDNOW, calibration_end=END, observation_end="1998-06-30", baselines=False, intervals=False,
            forecast=True,
        )
        for lines in (log, scrambled)
    )  # fmt: skip
    assert one.outcome["count"].sum() != other.outcome["count"].sum()
    assert one.forecast is not None
    assert other.forecast is not None
    first, second = one.forecast.choice, other.forecast.choice
    assert first is not None
    assert second is not None
    assert first.sentence == second.sentence
    assert len(first.table) >= LEAST_DATES + len(SIMPLER)
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
