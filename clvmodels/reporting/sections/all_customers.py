"""Every customer, to be sorted, searched, looked up and saved in the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats as plain
from clvmodels.arrays import Array
from clvmodels.decisions.segments.value_risk import GROUPS, groups, risk_and_value, value_risk_table
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Explorer, Section
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.packed import packed, scaled
from clvmodels.reporting.sections.groups import WHO
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.units import DAYS_PER_UNIT

MOST_CUSTOMERS = 200_000  # some 20 bytes each in the page: 4 MB
MOST_PURCHASES = 1_000_000  # of which the days are in the page: 1 to 2 MB
_CENTS_BELOW = 10_000  # as in the tables beside it


def section(study: Study) -> Section:
    """The list, with the data that it is made of."""
    ranked = study.ranked.iloc[:MOST_CUSTOMERS]
    return Section("list", "All customers", (Explorer(_about(study, len(ranked)), packed(contents(study, ranked))),))


def contents(study: Study, ranked: pd.DataFrame) -> dict[str, Any]:
    """The columns of the list, the days of purchases, and the words that the script needs."""
    past = study.customers.table.loc[ranked.index]
    return {
        "total": len(study.value),
        "horizon": study.horizon_text,
        "currency": study.currency or "",
        "end": _day(study.customers.observation_end),
        "by": study.measure,
        "groups": [] if study.spend is None else [[name, WHO[name]] for name in GROUPS.values()],
        "ids": [str(name) for name in ranked.index],
        "columns": columns(study, ranked, past),
        "bounds": _bounds(study, ranked),
        "level": formats.rate(LEVEL),
        "first": days_ago(study, past["T"]).tolist(),
        "gaps": purchase_gaps(study, ranked.index, past["frequency"].to_numpy()),
    }


def columns(study: Study, ranked: pd.DataFrame, past: pd.DataFrame) -> list[dict[str, Any]]:
    """Columns in their order: name in a file, head, what kind it is, its digits and its whole numbers."""
    known = [
        _column("purchase_probability", "Chance to buy", "chance", ranked["purchase_probability"], 3),
        _column("expected_purchases", "Purchases to come", "number", ranked["expected_purchases"], 2),
        _column("purchases", "Purchases so far", "number", past["frequency"] + 1),
        _column("last_purchase", "Last purchase", "day", days_ago(study, past["T"] - past["recency"])),
    ]
    if study.spend is None:
        return known
    borders = value_risk_table(study.value).attrs
    names = groups(*risk_and_value(ranked), borders["high_value"], borders["high_risk"])
    place = pd.Categorical(names, list(GROUPS.values())).codes
    return [
        _money("lifetime_value", plain.with_currency("Value", study.currency), ranked["lifetime_value"]),
        *known[:2],
        _money("expected_spend", plain.with_currency("Spend each", study.currency), ranked["expected_spend"]),
        *known[2:],
        _column("group", "Group", "group", place),
    ]


def purchase_gaps(study: Study, ids: pd.Index[Any], frequency: Array) -> list[int] | None:
    """Days from each purchase to the next, customer by customer, of as many of the first as fit; None if not known."""
    purchases = study.customers.purchases
    if purchases is None:
        return None
    place = ids.get_indexer(pd.Index(purchases["customer_id"]))
    if not np.array_equal(np.bincount(place[place >= 0], minlength=len(ids)), frequency + 1):
        return None  # purchases of others
    most = int(np.searchsorted(np.cumsum(frequency + 1), MOST_PURCHASES, side="right"))
    inside = np.flatnonzero((place >= 0) & (place < most))
    order = inside[np.argsort(place[inside], kind="stable")]  # days are in order within each customer
    day = purchases["day"].to_numpy().astype("M8[D]").astype(np.int64)[order]
    same = np.diff(place[order]) == 0
    return np.diff(day)[same].tolist()


def days_ago(study: Study, ago: pd.Series[float]) -> Array:
    """Times before the end of the data in whole days."""
    return np.rint(ago.to_numpy(dtype=np.float64) * DAYS_PER_UNIT[study.customers.unit]).astype(np.int64)


# --- private helpers --------------------------------------------------------------------------------------------------


def _about(study: Study, listed: int) -> str:
    """What is in the list; for readers without a script, where else to look."""
    total = len(study.value)
    best = "by value" if study.spend is not None else "by purchases to come"
    if listed == total:
        return f"All {total:,} customers, to be sorted, searched, looked up and saved as a CSV file."
    return (
        f"The best {listed:,} of {total:,} customers {best}, to be sorted, searched, looked up and saved as a CSV "
        "file. More would make this page too large to be mailed; the command clv score writes all of them into a file."
    )


def _column(name: str, head: str, kind: str, values: Any, digits: int = 0, shown: int | None = None) -> dict[str, Any]:
    shown = digits if shown is None else shown
    return {
        "name": name,
        "head": head,
        "kind": kind,
        "digits": digits,
        "shown": shown,
        "values": scaled(values, digits),
    }


def _money(name: str, head: str, values: pd.Series[float]) -> dict[str, Any]:
    digits = 2 if values.abs().max() < _CENTS_BELOW else 0
    return _column(name, head, "money", values, 2, digits)


def _bounds(study: Study, ranked: pd.DataFrame) -> dict[str, str]:
    """Ranges of the customers who have one, by their place in the list."""
    names = [f"{study.measure}_{end}" for end in ("lower", "upper")]
    if names[0] not in study.top_customers:
        return {}
    places = ranked.index.get_indexer(study.top_customers.index)
    texts = formats.ranges(study.top_customers[names])
    return {str(place): text for place, text in zip(places, texts, strict=True) if place >= 0}


def _day(day: pd.Timestamp | None) -> int | None:
    """Days since 1970."""
    return None if day is None else (pd.Timestamp(day) - pd.Timestamp(0)).days
