"""The best predictor by each metric, in plain words."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.evaluation.holdout.score_tables import METRICS

_SIGNS = {"count_bias": "+.1%", "value_bias": "+.1%", "top_capture": ".1%", "decile_mape": ".0%"}
_DIGITS = 9  # beyond which a difference is that of two sums of the same numbers: "best" has the total of its model
_SMALL = {"spearman", "spearman_shared_ties", "gini", "auc", "brier"}
# The metrics of the first sentences: the order of customers, the total, and who buys.
_HEADLINES = ("spearman", "top_capture", "value_bias", "auc")


def format_metric(metric: str, value: float) -> str:
    """The value of a metric as text.

    Examples
    --------
    >>> format_metric("count_bias", -0.1432), format_metric("spearman", 0.4213), format_metric("auc", float("nan"))
    ('-14.3%', '0.421', '–')
    """
    if not np.isfinite(value):
        return "–"
    if metric in _SIGNS:
        return format(value, _SIGNS[metric])
    return f"{value:.3f}" if metric in _SMALL else f"{value:,.4g}"


def winners(table: pd.DataFrame) -> pd.DataFrame:
    """For every metric the best predictor of all, of those with a model, and of the baselines.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``metric``; ``winner``, ``value``, ``model``, ``model_value``, ``baseline``, ``baseline_value``.
    """
    naive = table["kind"] == "baseline"
    rows = {}
    for metric in METRICS:
        if table[metric].notna().any():
            names = [_best(part[metric], metric) for part in (table, table[~naive], table[naive])]
            pairs = [(name, np.nan if name is None else table.loc[name, metric]) for name in names]
            rows[metric] = [item for pair in pairs for item in pair]
    columns = ["winner", "value", "model", "model_value", "baseline", "baseline_value"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("metric")


def sentences(table: pd.DataFrame, top: float) -> tuple[str, ...]:
    """The sentences of a table of metrics."""
    won = winners(table)
    if won.empty:
        return ("Nobody bought anything in the holdout, or all bought alike: no metric can tell predictors apart.",)
    rows = won.to_dict(orient="index")
    found = [_headline(rows[metric], metric, top) for metric in _HEADLINES if metric in rows]
    for name in table.index[table["kind"] != "baseline"]:
        found.append(_against_baselines(table, name))
    return tuple(filter(None, found))


def _headline(row: dict[Hashable, Any], metric: str, top: float) -> str:
    """Who is best by a metric, and the best of the others."""
    words = METRICS[metric].words
    if metric == "top_capture":
        words = f"finding the most valuable {top:.0%} of customers (share of value captured)"
    first = f"Best at {words}: {row['winner']}, {format_metric(metric, row['value'])}"
    others = [
        f"the best {kind} is {row[kind]}, {format_metric(metric, row[f'{kind}_value'])}"
        for kind in ("model", "baseline")
        if row[kind] is not None and row[kind] != row["winner"]
    ]
    return f"{first}; {others[0]}." if others else f"{first}."


def _against_baselines(table: pd.DataFrame, name: str) -> str:
    """Where one model is beaten by a baseline."""
    naive = table[table["kind"] == "baseline"]
    if naive.empty:
        return ""
    measured = list(_measured(table, naive, name))
    lost = [found for found in measured if found]
    if not lost:
        return f"{name} is at least as good as every baseline on all {len(measured)} measures that both have."
    return f"{name} is beaten on {len(lost)} of {len(measured)} measures: {'; '.join(lost)}."


def _measured(table: pd.DataFrame, naive: pd.DataFrame, name: str) -> Iterator[str]:
    """For each measure that a model and a baseline have: by which baseline the model is beaten, or ""."""
    for metric, column in METRICS.items():
        values: dict[Hashable, float] = table[metric].to_dict()
        best, own = _best(naive[metric], metric), values[name]
        if best is None or not np.isfinite(own):
            continue
        better = values[best]
        beaten = column.merit(better) > column.merit(own)
        numbers = f"{best} {format_metric(metric, better)}, against {format_metric(metric, own)}"
        yield f"{column.name} ({numbers})" if beaten else ""


def _best(column: pd.Series[float], metric: str) -> str | None:
    """Name of the best predictor by a metric, of equal ones the first; None if none has it."""
    merits = column.dropna().map(METRICS[metric].merit).round(_DIGITS)
    return None if merits.empty else str(merits.idxmax())
