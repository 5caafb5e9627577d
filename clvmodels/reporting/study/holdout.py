"""The model on a holdout of the same log: fitted to the days before it, beside naive baselines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import pandas as pd

from clvmodels.errors import LogWarning, UnsupportedPrediction
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.forecasting.rules.gate import AUTO, RULES
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.plots.track_table import tracking_table
from clvmodels.reporting.options import LEVEL, LogRequest
from clvmodels.transactions.log.dates import DateLike


@dataclass(frozen=True, eq=False)
class HoldoutTest:
    """The model on a holdout.

    Attributes
    ----------
    evaluation : Evaluation
        The model beside naive baselines.
    tracking : pandas.DataFrame
        What `clvmodels.plots.tracking_table` returned.
    end_was_chosen : bool
        The end of the calibration was chosen by the report, not given.
    """

    evaluation: Evaluation
    tracking: pd.DataFrame
    end_was_chosen: bool

    @property
    def quantity(self) -> str:
        """What customers are ranked by on the holdout: "value", or "purchases" if the log has no amounts."""
        return "purchases" if self.evaluation.holdout.table["spend"].isna().all() else "value"


def run_holdout_test(request: LogRequest, calibration_end: DateLike, end_was_chosen: bool) -> HoldoutTest:
    """Evaluate the model and follow its forecast week by week."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # the page has what they say
        evaluation = evaluate(
            request.log,
            unit=request.unit,
            calibration_end=calibration_end,
            observation_end=request.observation_end,
            models="bg/nbd" if request.model in RULES else request.model,
            spend=request.spend,
            intervals=False,
            forecast=True if request.model == AUTO else request.model,
        )
    # "error" has made sure that there is no refund, and then the other policies agree
    log = replace(request.log, refunds="net") if request.log.refunds == "error" else request.log
    made, end = evaluation.forecast, evaluation.holdout.observation_end
    assert made is not None
    tested = made.purchase_fits[0]
    known = evaluation.holdout.calibration
    if isinstance(tested.structure, ClockStructure):
        tested = replace(tested, customers=None)  # its draws would be weighed by the data, which takes long
    try:
        tracking = tracking_table(tested, log, customers=known, interval=LEVEL, observation_end=end)
    except UnsupportedPrediction:
        tracking = tracking_table(tested, log, customers=known, observation_end=end)
    return HoldoutTest(evaluation, tracking, end_was_chosen)
