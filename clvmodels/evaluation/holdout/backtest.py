"""`backtest`: the same evaluation from several days on, and how stable the parameters are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, Unpack

import pandas as pd

from clvmodels.arguments import LARGEST_SEED, whole
from clvmodels.errors import ArgumentError, LogWarning
from clvmodels.evaluation.holdout.backtest_results import Backtest
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.data.covariates import Covariates
from clvmodels.signatures import checked
from clvmodels.transactions.log.columns.settle import bound_log
from clvmodels.transactions.log.dates import DateLike, parse_day, to_timestamp
from clvmodels.transactions.log.log import Log, LogKeywords
from clvmodels.transactions.log.takes_log import takes_log
from clvmodels.transactions.summary.periods import summarize_period
from clvmodels.transactions.summary.warn_of_log import point_out
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units

_MOST = 1_000


@takes_log
@checked
def backtest(
    log: Any,
    *,
    horizon: Span,
    origins: int | Sequence[DateLike] = 3,
    step: Span | None = None,
    unit: str = "week",
    observation_end: DateLike | None = None,
    models: str | Sequence[str] = ("bg/nbd",),
    spend: str = "gamma-gamma",
    baselines: bool | str | Sequence[str] = True,
    top: float = 0.2,
    segments: int = 5,
    intervals: bool = True,
    forecast: bool | str = False,
    rank_by: Literal["value", "likelihood"] = "value",
    covariates: Covariates | None = None,
    calendar: Calendar | None = None,
    seed: int = 0,
    **columns: Unpack[LogKeywords],
) -> Backtest:
    """Evaluate from several origins: each is the end of a calibration, with a holdout of one length after it.

    Parameters
    ----------
    log
    horizon : float or str
        Length of the holdouts: a number of units, or a span such as "26W".
    origins : int or sequence of date-like, default 3
        Last days of the calibrations; or how many, and then the last one lies ``horizon`` before ``observation_end``
        and the others ``step`` before each other.
    step : float or str, optional
        Time from one origin to the next. Default: half the horizon, so that the holdouts overlap.
    unit : {"hour", "day", "week", "month", "year"}, default "week"
        Unit of time of the summaries.
    observation_end : date-like, optional
        Last day of the log that may be used. Default: its last day.
    models : str or sequence of str, default ("bg/nbd",)
        As in `evaluate`.
    spend : str, default "gamma-gamma"
        As in `evaluate`.
    baselines : bool, str or sequence of str, default True
        As in `evaluate`.
    top : float, default 0.2
        As in `evaluate`.
    segments : int, default 5
        As in `evaluate`.
    intervals : bool, default True
        As in `evaluate`.
    forecast : bool or str, default False
        As in `evaluate`.
    rank_by : {"value", "likelihood"}, default "value"
        As in `evaluate`.
    covariates : Covariates, optional
        As in `evaluate`: each origin has the columns as they were known by then.
    calendar : Calendar, optional
        As in `evaluate`.
    seed : int, default 0
        As in `evaluate`.
    **columns
        How to read the log, see `clvmodels.Log`.

    Returns
    -------
    Backtest
        Its ``table`` has one row an origin and predictor; ``mean`` and ``stability`` summarize it, and
        ``forecast_mean`` the forecasts.

    Raises
    ------
    DataError
        The log can't be used.
    ArgumentError
        An argument has no meaning here; for example, an origin lies before the first day of the log.
    ConvergenceError
        A model has no maximum.

    See Also
    --------
    evaluate : One origin.

    Examples
    --------
    >>> import clvmodels as clv
    >>> result = clv.backtest(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount",
    ...                       horizon="26W", origins=["1997-09-30", "1997-12-30"], baselines=["past total"])
    >>> result.table[["spearman", "top_capture"]].round(3)
                           spearman  top_capture
    origin     predictor
    1997-09-30 bg/nbd         0.412        0.675
               past total     0.382        0.676
    1997-12-30 bg/nbd         0.411        0.690
               past total     0.384        0.691
    """
    bound = bound_log(log, **columns)
    days = _days(horizon, unit, "horizon")
    ends = _origin_days(bound, unit, origins, days, step, observation_end)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # said once, of the longest log
        evaluations = {
            end: evaluate(
                bound,
                calibration_end=end,
                unit=unit,
                observation_end=end + pd.Timedelta(days=days),
                models=models,
                spend=spend,
                baselines=baselines,
                top=top,
                segments=segments,
                intervals=intervals,
                forecast=forecast,
                rank_by=rank_by,
                covariates=covariates,
                calendar=calendar,
                seed=whole("seed", seed, most=LARGEST_SEED),
            )
            for end in ends
        }
    point_out(evaluations[ends[-1]].holdout.findings)
    table = pd.concat({end: one.table for end, one in evaluations.items()}, names=["origin"])
    return Backtest(table=table, parameters=_parameters(evaluations), evaluations=evaluations, days=days, top=top)


def _days(span: Span, unit: str, name: str) -> int:
    """A span, or a number of units, as whole days."""
    days = round(span_in_units(span, unit, name=name) * DAYS_PER_UNIT[unit])
    if days < 1:
        raise ArgumentError(f"{name} must be at least a day, not {span!r}.")
    return days


def _origin_days(
    log: Log,
    unit: str,
    origins: int | Sequence[DateLike],
    days: int,
    step: Span | None,
    observation_end: DateLike | None,
) -> list[pd.Timestamp]:
    """Last days of the calibrations, the earliest first."""
    if not isinstance(origins, int):
        ends = sorted({to_timestamp(parse_day(origin, "origins")) for origin in origins})
        if not ends:
            raise ArgumentError("origins names no day.")
        return ends
    whole("origins", origins, f"a number of days to forecast from, 1 to {_MOST:,}, or the days", 1, _MOST)
    first, last = _first_and_last_day(log, unit, observation_end)
    between = max(days // 2, 1) if step is None else _days(step, unit, "step")
    found = [last - days - between * back for back in range(origins - 1, -1, -1)]
    if found[0] <= first:
        raise ArgumentError(
            f"The first of {origins} origins would be {to_timestamp(found[0]):%Y-%m-%d}, and the log begins on "
            f"{to_timestamp(first):%Y-%m-%d}. Take fewer origins, or a shorter step or horizon."
        )
    return [to_timestamp(day) for day in found]


def _first_and_last_day(log: Log, unit: str, observation_end: DateLike | None) -> tuple[int, int]:
    """Of the observation, in days since 1970."""
    whole = summarize_period(log, unit=unit, observation_end=None)
    end = whole.end if observation_end is None else parse_day(observation_end, "observation_end")
    return whole.profile.first_day, end


def _parameters(evaluations: dict[pd.Timestamp, Evaluation]) -> pd.DataFrame:
    """Estimates and standard errors by origin, model and parameter."""
    rows = {
        (origin, model, name): (value, fit.standard_errors[name])
        for origin, one in evaluations.items()
        for model, fit in one.fits.items()
        for name, value in fit.parameters.items()
    }
    index = pd.MultiIndex.from_tuples(rows, names=["origin", "model", "parameter"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["estimate", "std_error"])
