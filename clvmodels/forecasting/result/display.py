"""A forecast in sentences, and for notebooks."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.forecasting.result.numbers import ForecastNumbers


def sentences(forecast: ForecastNumbers) -> list[str]:
    """Totals and ranges, where the ranges come from, and what to watch."""
    return [
        _totals(forecast),
        *([_how_ranges_were_made(forecast)]),
        *_own_range(forecast),
        *([_of_sample(forecast)] if forecast.sample else []),
        *([] if forecast.new_customers is None else forecast.new_customers.sentences()),
        *forecast.notes,
        *forecast.warnings,
    ]


def _totals(forecast: ForecastNumbers) -> str:
    """What is expected, with ranges."""
    first, last = forecast.observation_end + pd.Timedelta(days=1), formats.day(forecast.observation_end)
    known = formats.plural(len(forecast.customers), "customer")
    level = formats.share(forecast.interval)
    parts = [f"make {_in_words(forecast, 'purchases')} purchases"]
    if forecast.has_revenue:
        parts.append(f"spend {_in_words(forecast, 'revenue')}{f' {forecast.currency}' if forecast.currency else ''}")
    return (
        f"From {formats.day(first)} to {formats.day(forecast.horizon_end)} the {known} known on {last} "
        f"will {' and '.join(parts)}; {_in_words(forecast, 'buyers')} of them will buy. In brackets ranges of {level}."
    )


def _in_words(forecast: ForecastNumbers, name: str) -> str:
    """An estimate and its range."""
    estimate, lower, upper = map(formats.count, forecast.range_of(name))
    return f"about {estimate} ({lower} to {upper})"


def _how_ranges_were_made(forecast: ForecastNumbers) -> str:
    """How many earlier forecasts there are and how far they were off."""
    half = _half_width(forecast)
    earlier = forecast.earlier
    if not len(earlier):
        return (
            "No earlier forecast of this log can be compared with what came, so the range is that of other logs, whose "
            f"totals are typically off by 10 %: {half}."
        )
    off = float(np.abs(earlier["purchases_error"]).mean())
    dates = "an earlier date" if len(earlier) == 1 else f"{len(earlier)} earlier dates"
    length = int(earlier["days"].iloc[0])
    span = "as long a time" if length == forecast.days else f"{length} days"
    return (
        f"Forecasting purchases of {span} at {dates} it was off by {formats.share(off)}"
        f"{'' if len(earlier) == 1 else ' on average'}, so the range is {half}."
    )


def _half_width(forecast: ForecastNumbers) -> str:
    """The range of purchases in per cent of the estimate.

    The lower side is nearer than the upper one, since errors are factors.
    """
    estimate, *sides = forecast.range_of("purchases")
    if estimate <= 0:
        return "0"
    low, high = (formats.signed_share(side / estimate - 1.0) for side in sides)
    return f"{low} to {high}"


def _own_range(forecast: ForecastNumbers) -> list[str]:
    """The models' own range, named as what it is."""
    if forecast.own_range is None:
        return []
    row = forecast.model_range.loc[["purchases"], ["lower", "upper"]].to_numpy(dtype=np.float64)[0]
    low, high = map(formats.count, row.tolist())
    return [
        f"If customers go on as before, and {forecast.model} describes them, purchases lie between {low} and {high}: "
        "that is the model's own range, in which nothing but its parameters and chance is unknown."
    ]


def _of_sample(forecast: ForecastNumbers) -> str:
    return (
        f"Models were fitted to a random sample of {forecast.sample:,} of the {len(forecast.customers):,} customers, "
        "whose parameters score all; the ranges have the error of that in them."
    )


def page(forecast: ForecastNumbers) -> str:
    """Sentences and tables in HTML."""
    paragraphs = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences(forecast))
    total = forecast.total.to_html(border=0, float_format=_short)
    table = forecast.table.drop(columns="first_day").to_html(border=0, float_format=_short)
    to_come = ""
    if forecast.new_customers is not None:
        to_come = forecast.new_customers.total.to_html(border=0, float_format=_short)
        to_come = f"<p>Customers still to come:</p>{to_come}"
    return f"<div>{paragraphs}{total}{table}{to_come}</div>"


def _short(value: float) -> str:
    return f"{value:,.1f}"
