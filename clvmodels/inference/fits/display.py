"""A fit as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

import pandas as pd

from clvmodels.inference.data.clock.clock import PARTS as CLOCK_PARTS
from clvmodels.models.protocol import Model

METHODS = {
    "mle": "maximum likelihood",
    "map": "posterior mode",
    "laplace": "posterior by Laplace's method",
    "nuts": "posterior by NUTS",
}


def meanings(model: Model, names: Sequence[str], unit: str, currency: str | None) -> list[str]:
    """What each parameter means, with its unit; names such as "r[web]" are those of a group."""
    return [_meaning(model, name.split("[")[0] if name.endswith("]") else name, unit, currency) for name in names]


def _meaning(model: Model, name: str, unit: str, currency: str | None) -> str:
    if name not in model.spec.parameters:
        if name.startswith(CLOCK_PARTS):
            return "log of how many times as often customers buy: see calendar_effects()"
        return "log of how many times as large, for one more or for this level: see effects()"
    meaning = model.spec.parameters[name]
    if name not in model.spec.scaled:
        return meaning
    return f"{meaning} [{unit}s]" if model.spec.kind == "purchases" else f"{meaning} [{currency or 'amount'}]"


def fitted_to(model: Model, n_customers: int) -> str:
    """How many customers, and which, in words."""
    if model.spec.kind != "spend":
        return f"{n_customers:,} customers"
    return f"{n_customers:,} customers with {'' if model.spec.every_purchase else 'repeat '}spend"


def heading(model: Model, method: str, n_customers: int, n_histories: int, unit: str) -> str:
    """One line: model, method, customers."""
    time = f", time in {unit}s" if model.spec.kind == "purchases" else ""
    who = fitted_to(model, n_customers)
    return f"{model.spec.title}, {METHODS[method]}, {who} ({n_histories:,} distinct histories){time}"


def as_text(title: str, table: pd.DataFrame, notes: Sequence[str]) -> str:
    """For the terminal."""
    numbers = table.to_string(float_format=lambda value: f"{value:.5g}", index_names=False)
    return "\n".join([title, numbers, *notes])


def as_html(title: str, table: pd.DataFrame, quality: str, notes: Sequence[str]) -> str:
    """For notebooks."""
    shown = table.to_html(float_format=lambda value: f"{value:.5g}", border=0)
    for words in set(map(html.escape, table.get("meaning", ()))):
        # words are read from the left; a notebook sets all right
        shown = shown.replace(f"<td>{words}</td>", f'<td style="text-align: left">{words}</td>')
    small = "".join(f"<br>{html.escape(sentence)}" for sentence in notes)
    return f"<div><b>{html.escape(title)}</b>{shown}<small>{html.escape(quality)}{small}</small></div>"
