"""Predictions of a holdout by models, by "best" and by baselines, all made from the calibration."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clvmodels import formats
from clvmodels.errors import ConvergenceError, DataError, IdentificationWarning
from clvmodels.evaluation.holdout.baselines import BASELINES
from clvmodels.evaluation.holdout.choice import BEST, BOOSTING, PredictorChoice
from clvmodels.evaluation.ranking import boosting
from clvmodels.evaluation.ranking.best import Best, RankBy, best
from clvmodels.evaluation.snapshots.inner_holdouts import MOST, InnerHoldout, inner_holdouts
from clvmodels.evaluation.snapshots.prediction import Prediction, model_prediction
from clvmodels.evaluation.snapshots.snapshot import Snapshot
from clvmodels.inference.estimation.by_kind import fit_purchases, fit_spend
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.summary.holdout import Holdout

_OF_BOOSTING = 2  # inner holdouts that the baseline learns from


@dataclass(frozen=True)
class HoldoutPredictions:
    """What each predictor says about the holdout.

    Attributes
    ----------
    predictions : dict of str to Prediction
        By predictor, in the order of the tables.
    kinds : dict of str to str
        "model", "forecast", "combined" or "baseline", by predictor.
    fits : dict of str to PurchaseFit
        Purchase models fitted to the calibration.
    spend : SpendFit or None
        The spend model; None if the log has no amounts.
    notes : tuple of str
        What was left out or chosen, in words.
    """

    predictions: dict[str, Prediction]
    kinds: dict[str, str]
    fits: dict[str, PurchaseFit]
    spend: SpendFit | None
    notes: tuple[str, ...]

    def with_first(self, name: str, prediction: Prediction) -> HoldoutPredictions:
        """With one more predictor, of a kind of its own name, before the others."""
        return replace(self, predictions={name: prediction, **self.predictions}, kinds={name: name, **self.kinds})


def predict_holdout(choice: PredictorChoice, split: Holdout, current: Snapshot, seed: int) -> HoldoutPredictions:
    """Fit and run every predictor; none of them sees a day after the calibration."""
    days = (split.observation_end - split.calibration_end).days
    inner = inner_holdouts(current, days, MOST if choice.best else _OF_BOOSTING) if choice.learns else []
    with warnings.catch_warnings():  # the notes carry what these warnings say
        warnings.simplefilter("ignore", IdentificationWarning)
        fits = {name: _fit(choice, split.calibration, name) for name in choice.models}
        spend = _fit_spend(choice, split.calibration) if current.has_amounts else None
    notes = [sentence for one in (*fits.values(), *([spend] if spend else [])) for sentence in one.diagnosis[1:]]
    of_models = {name: model_prediction(one, spend, split.calibration, split.duration) for name, one in fits.items()}
    predictions = dict(of_models) if choice.models_shown else {}
    kinds = dict.fromkeys(predictions, "model")
    if choice.best:
        combined = _combine(choice, current, days, inner, of_models, seed)
        predictions[BEST], kinds[BEST] = combined.prediction, "combined"
        notes.append(_of_best(combined, inner, choice.rank_by))
    baselines = list(choice.baselines)
    if BOOSTING in baselines and not (inner and boosting.is_installed()):
        notes.append(_without_boosting(choice))
        baselines.remove(BOOSTING)
    predictions |= {name: _baseline(name, current, days, inner, seed) for name in baselines}
    kinds |= dict.fromkeys(baselines, "baseline")
    return HoldoutPredictions(predictions, kinds, fits, spend, tuple(notes))


def _of_best(combined: Best, inner: Sequence[InnerHoldout], rank_by: RankBy) -> str:
    """What the combination is made of."""
    goal = "most valuable at the top" if rank_by == "value" else "likely to buy again at the top"
    return (
        f'"best" is built on {combined.model} and {formats.plural(len(inner), "inner holdout")} of {inner[0].days} '
        f"days. It puts those {goal}; its values are those of the model, dealt out in its order."
    )


def _fit(choice: PredictorChoice, customers: Customers, name: str) -> PurchaseFit:
    """A purchase model of customers of a day."""
    return fit_purchases(customers, name, choice.covariates, choice.calendar)


def _fit_spend(choice: PredictorChoice, customers: Customers) -> SpendFit:
    """Their spend model."""
    return fit_spend(customers, choice.spend, choice.covariates)


def _baseline(name: str, current: Snapshot, days: int, inner: Sequence[InnerHoldout], seed: int) -> Prediction:
    """What a baseline predicts; only gradient boosting is random."""
    if name == BOOSTING:
        return boosting.gradient_boosting(current, days, inner[:_OF_BOOSTING], seed)
    return BASELINES[name](current, days, inner)


def _combine(
    choice: PredictorChoice,
    current: Snapshot,
    days: int,
    inner: Sequence[InnerHoldout],
    of_models: dict[str, Prediction],
    seed: int,
) -> Best:
    """The combination, with the models fitted again on the days before each inner holdout."""
    boosting.require()
    earlier = [_inner_predictions(choice, one, current.has_amounts) for one in inner]
    fitted = {name: one for name, one in of_models.items() if all(name in found for found in earlier)}
    if inner and not fitted:
        raise ConvergenceError(
            f'"best" needs a model that can be fitted on the days before {inner[0].snapshot.end:%Y-%m-%d} as well, '
            f"and none of {', '.join(of_models)} can. Name another, or choose a later calibration_end."
        )
    return best(current, days, inner, fitted, earlier, choice.rank_by, seed)


def _inner_predictions(choice: PredictorChoice, inner: InnerHoldout, has_amounts: bool) -> dict[str, Prediction]:
    """Predictions for an inner holdout by models fitted before it, without those that can't be fitted there.

    Warnings about these fits are not shown: the fits on the whole calibration have their own.
    """
    customers, predictions = inner.snapshot.customers, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        spend = _fit_spend(choice, customers) if has_amounts else None
        for name in choice.models:
            with contextlib.suppress(ConvergenceError):
                predictions[name] = model_prediction(_fit(choice, customers, name), spend, customers, inner.horizon)
    return predictions


def _without_boosting(choice: PredictorChoice) -> str:
    """Why gradient boosting is left out; an error if it was asked for by name."""
    if not choice.all_baselines:
        boosting.require()
        raise DataError(
            '"gradient boosting" needs an inner holdout, and the calibration is too short or small for one.'
        )
    why = "the calibration is too short for an inner holdout" if boosting.is_installed() else "needs clvmodels[ml]"
    return f"Gradient boosting is left out: {why}."
