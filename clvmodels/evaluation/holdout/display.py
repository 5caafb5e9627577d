"""Tables of metrics as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd

from clvmodels.evaluation.holdout.verdict import format_metric

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
    """The main columns of a table of metrics as text; ``sizes`` if biases are absolute values."""
    columns = {
        title.format(top=top): table[name].map(lambda value, name=name: format_metric(name, value))
        for name, title in _COLUMNS.items()
        if table[name].notna().any()
    }
    if sizes:
        columns = {name.replace("bias", "|bias|"): column.str.lstrip("+") for name, column in columns.items()}
    return pd.DataFrame({"": table["kind"], **columns}).rename_axis(None)


def text(*parts: str) -> str:
    """Parts with an empty line between them, for the terminal."""
    return "\n\n".join(filter(None, parts))


def page(heading: str, tables: Sequence[str], sentences: Sequence[str], notes: Sequence[str] = ()) -> str:
    """A heading, tables in HTML, a list of sentences and small notes, for notebooks."""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    small = "".join(f"<br>{html.escape(note)}" for note in notes)
    footer = f"<small>{small}</small>" if notes else ""
    return f"<div><p>{html.escape(heading)}</p>{''.join(tables)}<ul>{items}</ul>{footer}</div>"
