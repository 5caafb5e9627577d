"""An equity in sentences."""

from __future__ import annotations

import pandas as pd

from clvmodels import formats
from clvmodels.decisions.equity.numbers import EquityNumbers

_IN_WORDS = {
    "last_year": "as many as in the same periods of last year, times growth",
    "recent_mean": "as many a period as in the last quarter of a year",
    "trend": "as a trend with a season has them",
    "given": "as given",
}
_COLUMNS = ("estimate", "lower", "upper")
_PARTS = {"base": "customers who were known", "new": "new ones", "both": "both together"}


def sentences(equity: EquityNumbers) -> list[str]:
    """Parts, what they rest on, what matters most, and earlier dates."""
    return [_base(equity), *_future(equity), _ranges(equity), _matters(equity), *_earlier(equity), *equity.warnings]


def _base(equity: EquityNumbers) -> str:
    known = formats.plural(len(equity.forecast.customers), "customer")
    horizon = equity.value_horizon
    counted = "for life" if horizon is None else f"over {formats.span(horizon, equity.unit)}"
    return f"Today's {known} are worth {_about(equity, 'base')}, each counted {counted}."


def _future(equity: EquityNumbers) -> list[str]:
    number = float(equity.cohorts["new_customers"].sum())
    if equity.method == "none" or number == 0:
        return []
    until = f"{equity.horizon_end.day} {equity.horizon_end:%B %Y}"
    clv = float(equity.cohorts["value"].sum()) / number
    cost = float(equity.cohorts["cost"].sum()) / number
    worth, spent = formats.amounts([clv, cost])
    return [
        f"About {formats.count(number)} new customers until {until} ({_IN_WORDS[equity.method]}), each worth {worth} "
        f"and costing {spent} to win, add {_about(equity, 'future')}.",
        f"Together {_about(equity, 'total')}: the value of the customers, not that of the firm.",
    ]


def _ranges(equity: EquityNumbers) -> str:
    return (
        f"In brackets ranges of {formats.share(equity.interval)}: parameters, numbers of new customers, and the level "
        "of both, which they share."
    )


def _matters(equity: EquityNumbers) -> str:
    name, row = next(iter(equity.sensitivities.iterrows()))
    low, high = sorted([row["lower"], row["higher"]])
    return f"What matters most is {name}: {row['change']} make it {formats.compact(low)} to {formats.compact(high)}."


def _earlier(equity: EquityNumbers) -> list[str]:
    table = equity.backtest
    if not len(table):
        return ["The log is too short, or has no days of purchases, to try the same at earlier dates."]
    part = table.index.get_level_values("part")
    found = [one for name, words in _PARTS.items() if (one := _error(table[part == name], words))]
    dates = formats.plural(table.index.get_level_values("origin").nunique(), "earlier date")
    days = int(table["days"].iloc[0])
    return [f"At {dates} the revenue of the next {days} days was off, on average, by {_listed(found)}."]


def _error(rows: pd.DataFrame, words: str) -> str | None:
    """How far one part was off, and how often it lay in its range; None where nothing was expected."""
    rows = rows[rows["forecast"] > 0]
    if not len(rows):
        return None
    off = formats.share(float((rows["actual"] / rows["forecast"] - 1.0).abs().mean()))
    return f"{off} for {words} ({int(rows['inside'].sum())} of {len(rows)} in the range)"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _about(equity: EquityNumbers, part: str) -> str:
    row = equity.table[equity.table.index == part].iloc[0]
    estimate, lower, upper = (formats.compact(row[name]) for name in _COLUMNS)
    money = f" {equity.currency}" if equity.currency else ""
    return f"about {estimate}{money} ({lower} to {upper})"
