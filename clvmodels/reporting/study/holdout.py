"""The model on a holdout of the same log: fitted to the days before it, beside naive baselines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from clvmodels.errors import LogWarning
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.forecasting.rules.gate import AUTO, RULES
from clvmodels.reporting.options import LogRequest
from clvmodels.transactions.log.dates import DateLike


@dataclass(frozen=True, eq=False)
class HoldoutTest:
    """The model on a holdout.

    Attributes
    ----------
    evaluation : Evaluation
        The model beside naive baselines.
    end_was_chosen : bool
        The end of the calibration was chosen by the report, not given.
    """

    evaluation: Evaluation
    end_was_chosen: bool

    @property
    def quantity(self) -> str:
        """What customers are ranked by on the holdout: "value", or "purchases" if the log has no amounts."""
        return "purchases" if self.evaluation.holdout.table["spend"].isna().all() else "value"


def run_holdout_test(request: LogRequest, calibration_end: DateLike, end_was_chosen: bool) -> HoldoutTest:
    """Evaluate the forecast beside its models and naive baselines."""
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
    assert evaluation.forecast is not None  # it was asked for
    return HoldoutTest(evaluation, end_was_chosen)
