"""Backtest: evaluations from rolling origins, their means and the stability of the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clvmodels.evaluation.holdout import display
from clvmodels.evaluation.holdout.evaluation import Evaluation
from clvmodels.evaluation.holdout.forecast_scores import summary_of_scores
from clvmodels.evaluation.holdout.verdict import format_metric


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
    def forecast_scores(self) -> pd.DataFrame:
        """The scores of every origin's forecast, see `Evaluation.forecast_scores`; without rows if there are none."""
        found = {end: one.forecast_scores for end, one in self.evaluations.items() if one.forecast_scores is not None}
        return pd.concat(found, names=["origin", None]) if found else pd.DataFrame()

    @property
    def forecast_mean(self) -> pd.DataFrame:
        """How forecasts and their ranges did on average over the origins; without rows if none were asked for.

        Returns
        -------
        pandas.DataFrame
            One row a kind, quantity, origin of the range and level: ``log_error`` (mean absolute), ``covered``,
            ``width``, ``interval_score`` and ``number``. Periods that are only partly in a holdout are left out.
        """
        scores = self.forecast_scores
        return summary_of_scores(scores) if len(scores) else scores

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
        stability = self.stability.to_string(float_format="{:.3g}".format)
        forecasts = self.forecast_mean.to_string(float_format="{:.3f}".format) if len(self.forecast_mean) else ""
        return display.text(self.heading, mean, stability, forecasts, "\n".join(self.verdict))

    def _repr_html_(self) -> str:
        mean = display.readable(self.mean, self.top, sizes=True).to_html(border=0)
        stability = self.stability.to_html(border=0, float_format="{:.3g}".format)
        made = self.forecast_mean
        forecasts = [made.to_html(border=0, float_format="{:.3f}".format)] if len(made) else []
        return display.page(self.heading, [mean, stability, *forecasts], self.verdict)


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
