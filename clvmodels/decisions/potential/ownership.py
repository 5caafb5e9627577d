"""P(owning a product), given the others owned: learned out of fold, and set to the level of what was bought later."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

from clvmodels.arrays import Array
from clvmodels.decisions.potential.share_of_wallet import columns_of
from clvmodels.errors import ArgumentError
from clvmodels.models.payments import betabinomial

_FEW = 20  # who own a product, or don't, or bought it: below it no regression
_FOLDS = 5
_SURE = 1e-9  # by which a probability stays within 0 and 1, so that it has a logit


def learned(held: pd.DataFrame, products: list[Any], features: pd.DataFrame | None, seed: int) -> pd.DataFrame:
    """P(own k | the other products, features) of each customer and product, from other customers."""
    others = np.empty((len(held), 0)) if features is None else _standardised(columns_of(features))
    found = {}
    for name in products:
        owned, y = held.drop(columns=name), held[name].to_numpy()
        known = np.hstack([owned.to_numpy(), others])
        few = min(y.sum(), len(y) - y.sum()) < _FEW or not known.shape[1]
        found[name] = _by_set(owned, y) if few else _regressed(known, y, seed)
    return pd.DataFrame(found, index=held.index)


def calibrated(chance: pd.DataFrame, held: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """The same with the level (and, if many bought, the spread) of what those without a product bought later."""
    found = chance.copy()
    for name in chance:
        lacking = (held[name] == 0.0).to_numpy()
        z, y = _logit(chance[name].to_numpy()), bought[name].to_numpy()
        if lacking.any():
            found[name] = expit(_moved(z, z[lacking], y[lacking]))
    return found


def _moved(z: Array, z_known: Array, y: Array) -> Array:
    """Logits after a regression of what was bought on them; only shifted where few bought, or the slope is none."""
    if min(y.sum(), len(y) - y.sum()) >= _FEW and np.ptp(z_known) > 0.0:
        slope, level = minimize(_loss, np.array([1.0, 0.0]), args=(z_known, y), jac=True, method="BFGS").x
        if slope > 0.0:
            return np.asarray(level + slope * z)
    share = (y.sum() + 0.5) / (len(y) + 1.0)
    shift = brentq(lambda shift: float(expit(z_known + shift).mean()) - share, -80.0, 80.0)
    return np.asarray(z + shift)


def _loss(given: Array, z: Array, y: Array) -> tuple[float, Array]:
    """Mean negative log likelihood of slope and level, and its gradient."""
    slope, level = given
    linear = level + slope * z
    miss = expit(linear) - y
    return float((np.logaddexp(0.0, linear) - y * linear).mean()), np.array([(miss * z).mean(), miss.mean()])


def _regressed(known: Array, y: Array, seed: int) -> Array:
    """Logistic regression with C = 1, of each part from the others."""
    if find_spec("sklearn") is None:
        raise ArgumentError("cross_sell learns by scikit-learn. Install it: pip install 'clvmodels[ml]'.")
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    model = LogisticRegression(C=1.0, max_iter=1_000)
    return np.asarray(cross_val_predict(model, known, y, cv=folds, method="predict_proba")[:, 1])


def _by_set(others: pd.DataFrame, y: Array) -> Array:
    """(a + k) / (a + b + n) by the set of other products, k of whose n customers own this one: beta-binomial."""
    place = others.groupby(list(others.columns), sort=False).ngroup() if len(others.columns) else np.zeros(len(y), int)
    place = np.asarray(place, dtype=np.intp)
    n = np.bincount(place).astype(np.float64)
    k = np.bincount(place, y)

    def loss(logs: Array) -> float:
        a, b = np.exp(logs)
        return -float(np.sum(betabinomial.log_likelihood(k, n, a=a, b=b))) + 0.01 * float((logs**2).sum())

    a, b = np.exp(minimize(loss, np.zeros(2), method="Nelder-Mead").x)
    return np.asarray(((a + k) / (a + b + n))[place])


def _standardised(features: pd.DataFrame) -> Array:
    """Numbers with mean 0 and deviation 1 (gaps at the mean, and a column that says so), categories as 0 and 1."""
    found = []
    for _, column in features.items():
        if column.dtype == np.float64:
            gaps, spread = column.isna(), float(column.std(ddof=0))
            scaled = (column - column.mean()) / (spread if spread > 0.0 else 1.0)
            found += [scaled.fillna(0.0), gaps.astype(np.float64)] if gaps.any() else [scaled]
        else:
            found += [(column == one).astype(np.float64) for one in column.cat.categories]
    return np.column_stack(found)


def _logit(p: Array) -> Array:
    return np.asarray(logit(np.clip(p, _SURE, 1.0 - _SURE)))
