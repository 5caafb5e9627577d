"""Does a calendar help the forecast of each customer? CDNOW and Online Retail II, the origins of `forecasts`.

Run by ``python -m clvmodels.evaluation.studies.customers``: the rule of `forecast` beside BG/NBD and MBG/NBD without a
calendar, by how far the purchases of single customers and P(a purchase) are off.

The mean absolute error is smallest for the median, which is 0 for most customers, so that it favours a model whose
total is too low; ``deviance`` (Poisson) and ``rmse`` are smallest for the mean, and ``mae_at_total`` is the absolute
error once every model is scaled to the total that came.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from clvmodels.arrays import Array
from clvmodels.errors import ClvWarning
from clvmodels.evaluation.studies.forecasts import HORIZONS, Origin, logs, origins
from clvmodels.forecasting.rules.gate import Rule
from clvmodels.forecasting.rules.log_score import log_score
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.holdout import holdout_split

RULES = {"forecast": Rule(), "bg/nbd": Rule("bg/nbd"), "mbg/nbd": Rule("mbg/nbd")}
_SMALLEST = 1e-12  # of an expectation whose logarithm is taken


def of_origin(origin: Origin) -> pd.DataFrame:
    """One row a rule: its scores at one origin."""
    until = origin.end + pd.Timedelta(days=origin.days)
    split = holdout_split(origin.log, calibration_end=origin.end, observation_end=until, keep_purchases=True)
    customers, actual = split.calibration, split.table["frequency"].to_numpy(dtype=np.float64)
    observed = round(float(customers.table["T"].max()) * 7.0) + 1
    rows = {}
    for name, rule in RULES.items():
        expected, probability = rule.fit(customers, observed).of(customers, [0, origin.days]).of_customers()
        rows[name] = scores(actual, expected, probability)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rule").reset_index()
    return table.assign(log=origin.name, days=origin.days, origin=origin.end)


def scores(actual: Array, expected: Array, probability: Array) -> dict[str, float]:
    """How far expected purchases and P(a purchase) are off; smaller is better, and ``bias`` is that of the sum.

    Parameters
    ----------
    actual, expected, probability : ndarray of shape (n,)
        Purchases that came, those expected, and P(at least one).

    Examples
    --------
    >>> found = scores(np.array([0.0, 2.0]), np.array([0.5, 1.0]), np.array([0.3, 0.6]))
    >>> {name: round(value, 3) for name, value in found.items()}
    {'mae': 0.75, 'mae_at_total': 0.667, 'rmse': 0.791, 'deviance': 0.886, 'log_score': 0.434, 'bias': -0.25}
    """
    mean = np.maximum(expected, _SMALLEST)
    log_ratio = np.log(np.maximum(actual, 1.0) / mean)  # counts only where there is a purchase
    total = float(expected.sum())
    return {
        "mae": float(np.abs(actual - expected).mean()),
        "mae_at_total": float(np.abs(actual - expected * (actual.sum() / total)).mean()),
        "rmse": float(np.sqrt(np.square(actual - expected).mean())),
        "deviance": float(2.0 * (actual * log_ratio - (actual - expected)).mean()),
        "log_score": log_score(actual > 0, probability),
        "bias": total / float(actual.sum()) - 1.0,
    }


def run(given: Iterator[tuple[str, Log, str]] | None = None) -> pd.DataFrame:
    """Scores of every origin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        found = [
            of_origin(origin)
            for name, log, last in (logs() if given is None else given)
            for days in HORIZONS
            for origin in origins(name, log, pd.Timestamp(last), days)
        ]
    return pd.concat(found, ignore_index=True)


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Mean scores by log, horizon and rule."""
    return table.drop(columns="origin").groupby(["log", "days", "rule"], sort=False).mean()


def main() -> None:
    """Print the means."""
    print(means(run()).to_string(float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
