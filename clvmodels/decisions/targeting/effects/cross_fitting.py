"""Parts of a test, regressions fitted without each, and how much of what they say holds for the part left out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from clvmodels import formats
from clvmodels.arguments import shortly
from clvmodels.arrays import Array, Places
from clvmodels.decisions.targeting.effects.bent_ridge import BentRidge
from clvmodels.decisions.targeting.effects.estimates import Estimate
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError, DataError

_FEWEST = 10  # customers of each group, a fold


def folds_of(treated: Array, folds: int, seed: int) -> Places:
    """The fold of each customer, with as many of either group in each.

    Raises
    ------
    DataError
        There are too few customers.
    """
    fold, rng = np.empty(len(treated), dtype=np.intp), np.random.default_rng(seed)
    for group in (0.0, 1.0):
        rows = np.flatnonzero(treated == group)
        if len(rows) < _FEWEST * folds:
            raise DataError(
                f"{formats.plural(len(rows), 'customer')} {'with' if group else 'without'} the activity are too few "
                f"for {folds} folds: {_FEWEST * folds:,} of each are the fewest. Take fewer folds, or RandomisedTest."
            )
        fold[rng.permutation(rows)] = np.arange(len(rows)) % folds
    return fold


def fitted(test: RandomisedTest, known: Array, rows: Any, regressor: Any) -> tuple[Any, Any]:
    """Regressions for those with and without the activity, by the customers in some rows.

    Raises
    ------
    ArgumentError
        The regressor has no ``fit`` and ``predict``, or fails.
    """
    if regressor is not None and not all(callable(getattr(regressor, ask, None)) for ask in ("fit", "predict")):
        raise ArgumentError(
            f"regressor must have fit(X, y) and predict(X), as in scikit-learn, not {shortly(regressor)}."
        )
    pair = []
    for group in (1.0, 0.0):
        some = rows & (test.treated == group)
        model = BentRidge() if regressor is None else deepcopy(regressor)
        try:
            model.fit(known[some], test.outcome[some])
        except Exception as error:
            raise ArgumentError(f"The regressor can't be fitted: it says {shortly(str(error))}.") from error
        pair.append(model)
    return pair[0], pair[1]


def predicted(model: Any, known: Array) -> Array:
    """What a regression says of customers.

    Raises
    ------
    ArgumentError
        It fails, or says something else than one number a customer.
    """
    try:
        found = np.asarray(model.predict(known), dtype=np.float64)
    except Exception as error:
        raise ArgumentError(f"The regressor can't predict: it says {shortly(str(error))}.") from error
    if found.shape != (len(known),) or not np.isfinite(found).all():
        raise ArgumentError(f"The regressor predicts shape {found.shape} for {len(known):,} customers, or no numbers.")
    return found


def doubly_robust(test: RandomisedTest, with_it: Array, without: Array) -> Array:
    """An outcome for each customer whose mean, at any features, is the effect."""
    treated, share = test.treated, test.treated.mean()
    return np.asarray(
        with_it
        - without
        + treated * (test.outcome - with_it) / share
        - (1.0 - treated) * (test.outcome - without) / (1.0 - share)
    )


def calibrated(differs: Array, score: Array) -> tuple[Estimate, Estimate]:
    """The line through doubly robust outcomes by what was learned: its mean, and its slope, shrunken.

    A slope b with error e keeps 1 - e² / b² of itself (James and Stein), and is between 0 and 1: what was learned is
    never turned round or blown up.
    """
    centred, size = differs - differs.mean(), len(score)
    mean = Estimate(float(score.mean()), float(score.std(ddof=1) / np.sqrt(size)))
    spread = float((centred**2).sum())
    if not spread > size * (1e-9 * mean.error) ** 2:
        return mean, Estimate(0.0, 0.0)
    slope = float(centred @ score) / spread
    error = float(np.sqrt(((centred * (score - mean.effect - slope * centred)) ** 2).sum())) / spread
    if slope <= error:
        return mean, Estimate(0.0, 0.0)
    kept = min(slope, 1.0) * (1.0 - (error / slope) ** 2)
    return mean, Estimate(kept, error)
