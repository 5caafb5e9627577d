"""Is "auto" as good as the best model that one could name? CDNOW and Online Retail II, the origins of `forecasts`.

Run by ``python -m clvmodels.evaluation.studies.choice``: `clvmodels.forecast` with ``model="auto"`` beside what the
length of the log allows and models that are named: the scores of `customers`, what "auto" chose, and what that took.
Then the same on the simulated logs of `shops`, where BG/NBD is the truth but for the calendar.

Over the 52 origins of the two logs (2026-11-30) the mean log score was .4985 for "auto" and .5079, .5089, .5099 and
.5416 for BG/NBD, MBG/NBD, Pareto/NBD and MBG/CNBD-2; the mean |log error| of total purchases was .090 and .155, .171,
.158 and .210. "auto" took what the length of the log allows at every one of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from clvmodels.errors import ClvWarning
from clvmodels.evaluation.studies.customers import scores
from clvmodels.evaluation.studies.forecasts import HORIZONS, Origin, logs, origins
from clvmodels.evaluation.studies.shops import simulated
from clvmodels.forecasting.forecast import forecast
from clvmodels.forecasting.rules.choice import SIMPLER
from clvmodels.forecasting.rules.gate import AUTO, BY_LENGTH
from clvmodels.transactions.log.log import Log
from clvmodels.transactions.summary.holdout import holdout_split

MODELS = (AUTO, BY_LENGTH, "bg/nbd", "mbg/nbd", "pareto/nbd", "mbg/cnbd-2")
_PREDICTED = ("expected_purchases", "purchase_probability")


def of_origin(origin: Origin, models: tuple[str, ...] = MODELS) -> pd.DataFrame:
    """One row a model: its scores at one origin, and what was chosen."""
    until = origin.end + pd.Timedelta(days=origin.days)
    split = holdout_split(origin.log, calibration_end=origin.end, observation_end=until, keep_purchases=True)
    actual = split.table["frequency"].to_numpy(dtype=np.float64)
    rows = {}
    for model in models:
        made = forecast(split.calibration, horizon=f"{origin.days}D", model=model, spend=None)
        expected, probability = (made.customers[name].to_numpy() for name in _PREDICTED)
        rows[model] = scores(actual, expected, probability) | {"chosen": model, "seconds": 0.0}
        if made.choice is not None:
            rows[model] |= {"chosen": made.choice.model, "seconds": made.choice.seconds}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model").reset_index()
    return table.assign(log=origin.name, days=origin.days, origin=origin.end)


def run(given: Iterator[tuple[str, Log, str]] | None = None, models: tuple[str, ...] = MODELS) -> pd.DataFrame:
    """Scores of every origin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        found = [
            of_origin(origin, models)
            for name, log, last in (logs() if given is None else given)
            for days in HORIZONS
            for origin in origins(name, log, pd.Timestamp(last), days)
        ]
    return pd.concat(found, ignore_index=True)


def means(table: pd.DataFrame) -> pd.DataFrame:
    """By log, horizon and model, and over all origins: scores, |log error| of totals, how often "auto" took another."""
    simpler = (table["model"] == AUTO) & table["chosen"].isin(SIMPLER)
    table = table.assign(total=np.log1p(table["bias"]).abs(), simpler=simpler, origins=1)
    how = dict.fromkeys(("log_score", "total", "deviance", "mae", "seconds"), "mean")
    how |= dict.fromkeys(("simpler", "origins"), "sum")
    of_logs = table.groupby(["log", "days", "model"], sort=False).agg(how)
    of_all = table.assign(log="all", days=0).groupby(["log", "days", "model"], sort=False).agg(how)
    return pd.concat([of_logs, of_all])


def main() -> None:
    """Print the means of real logs and of simulated ones."""
    for given in (None, simulated()):
        print(means(run(given)).to_string(float_format="{:.4f}".format), end="\n\n")


if __name__ == "__main__":
    main()
