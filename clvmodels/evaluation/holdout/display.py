"""An evaluation as text and as HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd

from clvmodels.evaluation.holdout.verdict import show

if TYPE_CHECKING:
    from clvmodels.evaluation.holdout.backtest import Backtest
    from clvmodels.evaluation.holdout.evaluation import Evaluation

_COLUMNS = {
    "count_bias": "count bias",
    "value_bias": "value bias",
    "value_mae": "value MAE",
    "value_rmse": "value RMSE",
    "spearman": "Spearman",
    "gini": "Gini",
    "top_capture": "top {top:.0%}",
    "auc": "AUC",
    "brier": "Brier",
}


def readable(table: pd.DataFrame, top: float, *, sizes: bool = False) -> pd.DataFrame:
    """The main columns of a table of metrics, as one reads them; ``sizes`` if biases have lost their signs."""
    columns = {
        title.format(top=top): table[name].map(lambda value, name=name: show(name, value))
        for name, title in _COLUMNS.items()
        if table[name].notna().any()
    }
    if sizes:
        columns = {name.replace("bias", "|bias|"): column.str.lstrip("+") for name, column in columns.items()}
    return pd.DataFrame({"": table["kind"], **columns}).rename_axis(None)


def as_text(evaluation: Evaluation) -> str:
    """For the terminal."""
    return "\n".join(
        [
            repr(evaluation.holdout),
            "",
            readable(evaluation.table, evaluation.top).to_string(),
            "",
            *evaluation.verdict,
            *evaluation.notes,
        ]
    )


def as_html(evaluation: Evaluation) -> str:
    """For notebooks."""
    table = readable(evaluation.table, evaluation.top).to_html(border=0)
    said = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in evaluation.verdict)
    notes = "".join(f"<br>{html.escape(note)}" for note in evaluation.notes)
    return f"<div><p>{html.escape(repr(evaluation.holdout))}</p>{table}<ul>{said}</ul><small>{notes}</small></div>"


def backtest_text(backtest: Backtest) -> str:
    """Rolling origins for the terminal: means over the origins, then the parameters."""
    return "\n".join(
        [
            backtest.heading,
            "",
            readable(backtest.mean, backtest.top, sizes=True).to_string(),
            "",
            backtest.stability.to_string(float_format=lambda value: f"{value:.3g}"),
            "",
            *backtest.verdict,
        ]
    )


def backtest_html(backtest: Backtest) -> str:
    """Rolling origins for notebooks."""
    mean = readable(backtest.mean, backtest.top, sizes=True).to_html(border=0)
    stability = backtest.stability.to_html(border=0, float_format=lambda value: f"{value:.3g}")
    said = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in backtest.verdict)
    return f"<div><p>{html.escape(backtest.heading)}</p>{mean}{stability}<ul>{said}</ul></div>"
