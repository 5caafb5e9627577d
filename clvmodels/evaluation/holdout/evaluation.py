"""Evaluation: the results of `evaluate`, as tables and in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from clvmodels.evaluation.holdout import display, verdict
from clvmodels.evaluation.metrics.predictive_distributions import Predictive
from clvmodels.forecasting.result.forecast_result import Forecast
from clvmodels.inference.fits.fit import Fit
from clvmodels.transactions.summary.holdout import Holdout


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Evaluation:
    """Predictions beside what customers did in a holdout; `clvmodels.evaluate` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a predictor: ``kind`` ("model", "forecast", "combined" or "baseline"); ``count_bias`` (ΣE/ΣY - 1),
        ``count_mae``, ``count_rmse`` of purchases; ``value_bias``, ``value_mae``, ``value_rmse``, ``spearman``,
        ``gini`` (normalised), ``top_capture``, ``decile_mape`` of value; ``auc`` and ``brier`` of P(at least one
        purchase); ``spearman_shared_ties`` as SciPy has it (see `metrics.spearman` for why it misleads). NaN where a
        predictor makes no prediction: a past total orders customers, but is no forecast.
    predictions : pandas.DataFrame
        One row a customer; columns (predictor, "count" | "value" | "probability").
    outcome : pandas.DataFrame
        One row a customer: ``count`` (purchases in the holdout) and ``value`` (what was spent; the count if the log
        has no amounts).
    confusion : dict of str to pandas.DataFrame
        By predictor: customers by predicted (rows) and actual (columns) value segment, 1 the most valuable.
    segments, reliability, deciles : pandas.DataFrame
        Precision and recall of the segments; predicted and observed shares of buyers; predicted and actual mean value.
    intervals : pandas.DataFrame
        By purchase model, at its estimated parameters: coverage of central intervals of the number of purchases
        (for counts this is above the level even if the model is right), and mean CRPS.
    distributions : dict of str to Predictive
        The distributions that ``intervals`` summarizes, for PIT histograms.
    fits : dict of str to Fit
        The models as fitted on the calibration, the spend model included.
    holdout : Holdout
        The split: calibration, outcome, and who was left out.
    top : float
        The share of customers that ``top_capture`` is about.
    notes : tuple of str
        What was left out or chosen, in words.
    forecast : Forecast or None
        The forecast of totals, if that was asked for.
    forecast_scores : pandas.DataFrame or None
        One row a total or period (``kind``, ``period_end``), ``quantity``, ``range`` ("earlier errors": what the
        forecast gives; "model": the models' own) and ``level`` (0.5, 0.9): ``estimate``, ``lower``, ``upper``,
        ``actual``, ``log_error`` (log(actual / estimate)), ``covered``, ``width`` and ``interval_score`` (Gneiting and
        Raftery 2007), both relative to the estimate.
    """

    table: pd.DataFrame
    predictions: pd.DataFrame
    outcome: pd.DataFrame
    confusion: dict[str, pd.DataFrame]
    segments: pd.DataFrame
    reliability: pd.DataFrame
    deciles: pd.DataFrame
    intervals: pd.DataFrame
    fits: dict[str, Fit]
    holdout: Holdout
    distributions: dict[str, Predictive] = field(default_factory=dict)
    top: float = 0.2
    notes: tuple[str, ...] = ()
    forecast: Forecast | None = None
    forecast_scores: pd.DataFrame | None = None

    @cached_property
    def winners(self) -> pd.DataFrame:
        """For every metric the best predictor of all, the best model and the best baseline.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``metric``; ``winner``, ``value``, ``model``, ``model_value``, ``baseline``, ``baseline_value``.
        """
        return verdict.winners(self.table)

    @cached_property
    def verdict(self) -> tuple[str, ...]:
        """What the table says, in plain words.

        Returns
        -------
        tuple of str
            The best predictor by the main metrics, then where each model is beaten by a baseline; one sentence each.
        """
        return verdict.sentences(self.table, self.top)

    def __repr__(self) -> str:
        table = display.readable(self.table, self.top).to_string()
        return display.text(repr(self.holdout), table, "\n".join([*self.verdict, *self.notes]))

    def _repr_html_(self) -> str:
        table = display.readable(self.table, self.top).to_html(border=0)
        return display.page(repr(self.holdout), [table], self.verdict, self.notes)
