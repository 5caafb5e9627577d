"""Comparison: fits of several models to the same customers, as tables and a recommendation."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from clvmodels.inference.fits.fit import Fit


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Fits of several models to the same customers, side by side.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a ``model``, the lowest AIC first: ``log_likelihood``, ``parameters`` (how many), ``aic``, ``aic_gap``
        (to the lowest), ``bic``, ``identified``; and where there is a holdout, of each customer's purchases in it
        ``holdout_bias`` (of their sum, as a share of it), ``holdout_mae``, ``holdout_rmse`` and ``holdout_spearman``.
    tests : pandas.DataFrame
        One row a pair: ``model``, ``against``, ``test``, ``statistic``, ``df``, ``p_value``, ``better`` (empty where
        the two can't be told apart at 5 %) and ``note``; see `clvmodels.evaluation.selection.pair_tests`.
    recommended : str
        Name of a model.
    recommendation : str
        The same as a sentence, with the reason.
    fits : dict of str to Fit
        By name.
    failed : dict of str to str
        Models that had no maximum, and the message of the error.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    recommended: str
    recommendation: str
    fits: dict[str, Fit]
    failed: dict[str, str]

    def _parts(self) -> list[pd.DataFrame]:
        """The tables to show."""
        return [self.table, self.tests] if len(self.tests) else [self.table]

    def __repr__(self) -> str:
        parts = [part.to_string(float_format=_number, index=part is self.table) for part in self._parts()]
        failures = [f"{name} has no fit: {reason}" for name, reason in self.failed.items()]
        return "\n\n".join([*parts, *failures, self.recommendation])

    def _repr_html_(self) -> str:
        parts = [part.to_html(float_format=_number, index=part is self.table, border=0) for part in self._parts()]
        failures = [f"{name} has no fit: {reason}" for name, reason in self.failed.items()]
        sentences = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in [*failures, self.recommendation])
        return f"<div>{''.join(parts)}{sentences}</div>"


def _number(value: float) -> str:
    """A number of the tables as text."""
    return f"{value:,.4g}" if abs(value) < 100 else f"{value:,.1f}"
