"""`backtest`: the same evaluation from several days on, and how stable the parameters are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from clvmodels.errors import ArgumentError
from clvmodels.evaluation.holdout import display
from clvmodels.evaluation.holdout.evaluate import evaluate
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.holdout.verdict import format_metric
from clvmodels.evaluation.snapshots.snapshot import Source
from clvmodels.transactions.log.dates import parse_day, to_timestamp
from clvmodels.transactions.log.log import Amount
from clvmodels.transactions.units import DAYS_PER_UNIT, Span, span_in_units


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Backtest:
    """Evaluations from rolling origins; `clvmodels.backtest` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an origin and predictor, the columns of `Evaluation.table`.
    parameters : pandas.DataFrame
        One row an origin, model and parameter: ``estimate`` and ``std_error``.
    evaluations : dict of pandas.Timestamp to Evaluation
        The evaluation of each origin, the earliest first.
    days : int
        Length of every holdout.
    top : float
        The share of customers that ``top_capture`` is about.
    """

    table: pd.DataFrame
    parameters: pd.DataFrame
    evaluations: dict[pd.Timestamp, Evaluation]
    days: int
    top: float = 0.2

    @cached_property
    def mean(self) -> pd.DataFrame:
        """Every metric's mean over the origins; of biases the mean absolute value.

        Returns
        -------
        pandas.DataFrame
            One row a predictor, the columns of `Evaluation.table`.
        """
        numbers = self.table.drop(columns="kind")
        numbers = numbers.assign(**{name: numbers[name].abs() for name in ("count_bias", "value_bias")})
        means = numbers.groupby(level="predictor", sort=False).mean()
        kinds = self.table["kind"].groupby(level="predictor", sort=False).first()
        means.insert(0, "kind", kinds)
        return means

    @cached_property
    def stability(self) -> pd.DataFrame:
        """Parameters over the origins.

        Origins share most of their data, so a step of several standard errors says that the customers changed, or that
        the model doesn't hold.

        Returns
        -------
        pandas.DataFrame
            One row a model and parameter: ``mean``, ``lowest`` and ``highest`` estimate, and ``largest_step``, the
            largest change from one origin to the next in standard errors of the earlier one.
        """
        groups = self.parameters.groupby(level=["model", "parameter"], sort=False)
        estimate = groups["estimate"]
        step = estimate.diff().abs() / groups["std_error"].shift()
        largest = step.groupby(level=["model", "parameter"], sort=False).max()
        columns = {"mean": estimate.mean(), "lowest": estimate.min(), "highest": estimate.max()}
        return pd.DataFrame({**columns, "largest_step": largest})

    @property
    def heading(self) -> str:
        """How many origins, which, and how far ahead, in one line."""
        days = ", ".join(f"{origin:%Y-%m-%d}" for origin in self.evaluations)
        return f"{len(self.evaluations)} origins ({days}), {self.days} days ahead each; means over the origins"

    @cached_property
    def verdict(self) -> tuple[str, ...]:
        """How each model and combination compares with the baselines.

        Returns
        -------
        tuple of str
            One sentence a predictor and metric ("spearman", "top_capture").
        """
        naive = self.table[self.table["kind"] == "baseline"]
        if naive.empty:
            return ()
        names = self.mean.index[self.mean["kind"] != "baseline"]
        return tuple(
            _against_baselines(self.table[metric].xs(name, level="predictor"), naive[metric], str(name), metric)
            for name in names
            for metric in ("spearman", "top_capture")
        )

    def __repr__(self) -> str:
        mean = display.readable(self.mean, self.top, sizes=True).to_string()
        return display.text(
            self.heading, mean, self.stability.to_string(float_format=_three_figures), "\n".join(self.verdict)
        )

    def _repr_html_(self) -> str:
        mean = display.readable(self.mean, self.top, sizes=True).to_html(border=0)
        stability = self.stability.to_html(border=0, float_format=_three_figures)
        return display.page(self.heading, [mean, stability], self.verdict)


def _three_figures(value: float) -> str:
    return f"{value:.3g}"


def backtest(
    log: Any,
    *,
    horizon: Span,
    origins: int | Sequence[Any] = 3,
    step: Span | None = None,
    customer: str | None = None,
    date: str | None = None,
    amount: Amount = None,
    order: str | None = None,
    unit: str = "week",
    observation_end: Any = None,
    refunds: str = "net",
    timezone: str | None = None,
    top: float = 0.2,
    **options: Any,
) -> Backtest:
    """Evaluate from several origins: each is the end of a calibration, with a holdout of one length after it.

    Parameters
    ----------
    log, customer, date, amount, order, unit, refunds, timezone
        As in `summarize`.
    horizon
        Length of the holdouts: a number of units, or a span such as "26W".
    origins
        Last days of the calibrations; or how many, and then the last one lies ``horizon`` before ``observation_end``
        and the others ``step`` before each other.
    step
        Time from one origin to the next. Default: half the horizon, so that the holdouts overlap.
    observation_end
        Last day of the log that may be used. Default: its last day.
    **options
        ``models``, ``spend``, ``baselines``, ``segments``, ``intervals``, ``currency``, ``seed`` of `evaluate`.

    Returns
    -------
    Backtest

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
    columns = {"customer": customer, "date": date, "amount": amount, "order": order, "unit": unit}
    reading: dict[str, Any] = {**columns, "refunds": refunds, "timezone": timezone}
    days = _days(horizon, unit, "horizon")
    ends = _origins(Source(log, reading), origins, days, step, observation_end)
    evaluations = {
        end: evaluate(
            log, calibration_end=end, observation_end=end + pd.Timedelta(days=days), top=top, **reading, **options
        )
        for end in ends
    }
    table = pd.concat({end: one.table for end, one in evaluations.items()}, names=["origin"])
    return Backtest(table=table, parameters=_parameters(evaluations), evaluations=evaluations, days=days, top=top)


def _days(span: Span, unit: str, name: str) -> int:
    """A span, or a number of units, as whole days."""
    days = round(span_in_units(span, unit, name=name) * DAYS_PER_UNIT[unit])
    if days < 1:
        raise ArgumentError(f"{name} must be at least a day, not {span!r}.")
    return days


def _origins(source: Source, origins: Any, days: int, step: Span | None, observation_end: Any) -> list[pd.Timestamp]:
    if not isinstance(origins, int):
        ends = sorted({to_timestamp(parse_day(origin, "origins")) for origin in origins})
        if not ends:
            raise ArgumentError("origins names no day.")
        return ends
    if origins < 1:
        raise ArgumentError(f"There must be at least one origin, not {origins}.")
    between = max(days // 2, 1) if step is None else _days(step, source.unit, "step")
    (ledger,) = source.ledgers(None)
    end = ledger.end if observation_end is None else parse_day(observation_end, "observation_end")
    start = ledger.profile.first_day
    found = [end - days - between * back for back in range(origins - 1, -1, -1)]
    if found[0] <= start:
        raise ArgumentError(
            f"The first of {origins} origins would be {to_timestamp(found[0]):%Y-%m-%d}, and the log begins on "
            f"{to_timestamp(start):%Y-%m-%d}. Take fewer origins, or a shorter step or horizon."
        )
    return [to_timestamp(day) for day in found]


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


def _against_baselines(own: pd.Series[float], naive: pd.Series[float], name: str, metric: str) -> str:
    """How one predictor compares with the best baseline of every origin."""
    behind = []
    for origin, found in own.items():
        others = naive.xs(origin, level="origin").dropna()
        if others.max() > found:
            numbers = f"{format_metric(metric, others.max())} against {format_metric(metric, found)}"
            behind.append(f"{origin:%Y-%m-%d} {others.idxmax()} {numbers}")
    ahead = len(own) - len(behind)
    first = f"{name}, {metric}: at least as good as every baseline at {ahead} of {len(own)} origins"
    return f"{first} ({'; '.join(behind)})." if behind else f"{first}."
