"""What a rule would have brought, from a log in which chance chose the activities: off-policy evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arguments import level
from clvmodels.arrays import Array
from clvmodels.errors import DataError
from clvmodels.signatures import checked
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns

_LEAST = 0.01  # probability of an activity, below which one customer would stand for more than a hundred
_FOLDS = 5
_RIDGE = 1e-8  # of the regressions, so that a constant column does no harm


@checked
def policy_value(
    log: Any,
    *,
    policy: str,
    activity: str,
    probability: str,
    outcome: str,
    before: Sequence[str] = (),
    interval: float = 0.90,
) -> pd.DataFrame:
    """Mean outcome a customer, had each got what a rule says, from a log in which activities were drawn at random.

    Inverse propensity: mean of 1{rule = activity} y / e. Self-normalised: the same by the sum of the weights. Doubly
    robust: the rule's mean by a regression, corrected by the weighted residuals; right if either is.

    Parameters
    ----------
    log : frame
        One row a customer: pandas, polars or PyArrow frame.
    policy : str
        Column with the activity that the rule would choose.
    activity : str
        Column with the activity that was drawn.
    probability : str
        Column with the probability with which it was drawn.
    outcome : str
        Column with what came, less the cost of the activity.
    before : sequence of str
        Columns with what was known of the customers before, for the regression.
    interval : float, default 0.90
        Level of the interval.

    Returns
    -------
    pandas.DataFrame
        Rows "doubly robust", "self-normalised" and "inverse propensity", columns ``value``, ``error``, ``lower``,
        ``upper``: the first is the one to take.

    Raises
    ------
    DataError
        Probabilities are missing or below 0.01, or the rule agrees with none of the draws.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> spent, drawn = rng.gamma(2.0, 10.0, 4_000), rng.integers(0, 2, 4_000)
    >>> log = pd.DataFrame({"spent": spent, "drawn": drawn, "p": 0.5, "rule": (spent > 20).astype(int),
    ...                     "made": spent / 10 + drawn * (spent > 20) - 0.3 * drawn + rng.normal(size=4_000)})
    >>> policy_value(log, policy="rule", activity="drawn", probability="p", outcome="made",
    ...              before=["spent"]).round(2).loc["doubly robust"].to_dict()
    {'value': 2.23, 'error': 0.03, 'lower': 2.18, 'upper': 2.29}
    """
    known = level("interval", interval)
    frame = to_pandas(log, "A log of activities")
    check_columns(list(frame.columns), [policy, activity, probability, outcome, *before])
    y, e = _finite(frame, outcome), _finite(frame, probability)
    wrong = (e < _LEAST) | (e > 1.0)
    if wrong.any():
        raise DataError(
            f"Column {probability!r} must hold probabilities from {_LEAST} to 1, but {int(wrong.sum()):,} are not: a "
            "customer with a smaller one would stand for more than a hundred others."
        )
    drawn, rule = frame[activity].to_numpy(), frame[policy].to_numpy()
    same = (drawn == rule).astype(np.float64)
    if not same.any():
        raise DataError(
            f"Columns {policy!r} and {activity!r} agree for nobody: the log doesn't show what the rule does."
        )
    x = np.column_stack([np.ones(len(y)), *(_finite(frame, name) for name in before)])
    by_rule, by_draw = _predicted(x, y, drawn, rule)
    weight = same / e
    return _table({
        "doubly robust": by_rule + weight * (y - by_draw),
        "self-normalised": _self_normalised(weight, y),
        "inverse propensity": weight * y,
    }, known)  # fmt: skip


# --- private helpers --------------------------------------------------------------------------------------------------


def _finite(frame: pd.DataFrame, name: str) -> Array:
    values = numbers(frame, name)
    if not np.isfinite(values).all():
        raise DataError(f"Column {name!r} holds {int((~np.isfinite(values)).sum()):,} values that are missing.")
    return values


def _self_normalised(weight: Array, y: Array) -> Array:
    """Terms whose mean is the ratio, and whose spread is that of its linearisation."""
    ratio = float(weight @ y / weight.sum())
    return np.asarray(ratio + weight * (y - ratio) / weight.mean())


def _predicted(x: Array, y: Array, drawn: Any, rule: Any) -> tuple[Array, Array]:
    """Outcomes by linear regression for each activity, of the rule's and of the drawn one; each fold by the others."""
    by_rule, by_draw = np.zeros(len(y)), np.zeros(len(y))
    fold = np.arange(len(y)) % _FOLDS
    for number in range(_FOLDS):
        inside = fold == number
        for action in pd.unique(np.concatenate([drawn[inside], rule[inside]])):
            seen = ~inside & (drawn == action)
            coefficients = _regression(x[seen], y[seen]) if seen.any() else np.zeros(x.shape[1])
            for predicted, asked in ((by_rule, rule), (by_draw, drawn)):
                rows = inside & (asked == action)
                predicted[rows] = x[rows] @ coefficients
    return by_rule, by_draw


def _regression(x: Array, y: Array) -> Array:
    gram = x.T @ x
    return np.asarray(np.linalg.solve(gram + _RIDGE * np.diag(np.diag(gram) + 1.0), x.T @ y))


def _table(terms: dict[str, Array], known: float) -> pd.DataFrame:
    """Means and normal intervals of the terms."""
    half = float(sc.ndtri(0.5 + known / 2.0))
    rows = {}
    for name, each in terms.items():
        value, error = float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each)))
        rows[name] = {"value": value, "error": error, "lower": value - half * error, "upper": value + half * error}
    return pd.DataFrame.from_dict(rows, orient="index")
