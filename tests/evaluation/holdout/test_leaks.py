"""What comes after the calibration has no influence on any prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import DataError
from clvmodels.evaluation.holdout import evaluate as module
from clvmodels.evaluation.snapshots.inner_holdouts import inner_holdouts
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.transactions.log.log import Log
from tests.evaluation.conftest import COLUMNS, SPLIT


@pytest.mark.filterwarnings("ignore::clvmodels.errors.LogWarning")  # there is a gap, on purpose
def test_predictions_are_the_same_whatever_the_holdout_holds(evaluated, scrambled):
    other = clv.evaluate(scrambled, **COLUMNS, **SPLIT, models=["bg/nbd", "best"])
    assert not other.outcome.equals(evaluated.outcome)
    pd.testing.assert_frame_equal(other.predictions, evaluated.predictions, check_exact=True)
    assert {name: fit.parameters for name, fit in other.fits.items()} == {
        name: fit.parameters for name, fit in evaluated.fits.items()
    }


@pytest.mark.filterwarnings("ignore::clvmodels.errors.LogWarning")  # there is a gap, on purpose
def test_predictions_are_the_same_without_any_later_line(evaluated, sample):
    last = pd.DataFrame({"customer_id": [10**6], "date": [pd.Timestamp("1998-06-30")], "amount": [1.0]})
    log = pd.concat([sample[sample["date"] <= SPLIT["calibration_end"]], last])
    other = clv.evaluate(log, **COLUMNS, **SPLIT, models=["bg/nbd", "best"])
    pd.testing.assert_frame_equal(other.predictions, evaluated.predictions, check_exact=True)


def test_a_refund_after_the_calibration_takes_nothing_back(sample):
    refund = pd.DataFrame({"customer_id": [1], "date": [pd.Timestamp("1997-11-01")], "amount": [-1000.0]})
    options = {**COLUMNS, **SPLIT, "baselines": ["past total", "last-period spend"], "intervals": False}
    with_refund, without = (clv.evaluate(log, **options) for log in (pd.concat([sample, refund]), sample))
    # the refund sends the log the long way, which adds up amounts in another order: 1e-9 is float dust
    pd.testing.assert_frame_equal(with_refund.predictions, without.predictions, rtol=1e-9)


def test_a_calibration_that_knows_the_holdout_is_refused(sample, monkeypatch):
    """A split that summarizes too late, as a slip would make it."""

    def leaky(log, **options):
        late = clv.summarize(log, unit="week", observation_end="1997-12-31")
        return replace(clv.holdout_split(log, **options), calibration=late)

    monkeypatch.setattr(module, "holdout_split", leaky)
    with pytest.raises(DataError, match="what came later has an influence"):
        clv.evaluate(sample, **COLUMNS, **SPLIT)


def test_inner_holdouts_end_within_the_calibration(sample):
    today = Snapshot(Log(sample, **COLUMNS), "week", pd.Timestamp("1997-09-30"))
    found = inner_holdouts(today, 39 * 7)
    assert [inner.days for inner in found] == [136, 136]  # half of the 272 days observed
    for inner in found:
        assert inner.snapshot.end + pd.Timedelta(days=inner.days) <= today.end
    scrambled = sample.copy()
    later = scrambled["date"] > "1997-09-30"
    scrambled.loc[later, "amount"] = 1e6
    other = inner_holdouts(Snapshot(Log(scrambled, **COLUMNS), "week", today.end), 39 * 7)
    for one, two in zip(found, other, strict=True):
        assert np.array_equal(one.outcome[1], two.outcome[1])
        assert one.snapshot.customers.table.equals(two.snapshot.customers.table)


def test_windows_end_with_the_snapshot(sample):
    counts, spend = Snapshot(Log(sample, **COLUMNS), "week", pd.Timestamp("1997-09-30")).window(28)
    days = sample[(sample["date"] > "1997-09-02") & (sample["date"] <= "1997-09-30")]
    assert counts.sum() == len(days.drop_duplicates(["customer_id", "date"]))
    assert spend.sum() == pytest.approx(days["amount"].sum(), rel=1e-12)  # a sum of floats in another order
