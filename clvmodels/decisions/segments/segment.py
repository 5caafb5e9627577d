"""Customers in segments, with a profile of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly, whole
from clvmodels.decisions.customer_values import by_customer, customer_values, for_all
from clvmodels.decisions.segments import value_risk
from clvmodels.decisions.segments.profile import profile
from clvmodels.decisions.segments.rules import (
    Given,
    Labels,
    Rule,
    Scores,
    Tiers,
    ValueRisk,
    as_segments,
    names_of,
    tier_names,
)
from clvmodels.decisions.segments.segments import Segments
from clvmodels.decisions.segments.tiers import SUMMARY, rfm_scores
from clvmodels.errors import ArgumentError
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.validation import check_columns
from clvmodels.value.costs import PerCustomer, each_customer

_PROFILED = ("expected_purchases", "expected_spend", "attrition_risk")
_RULES = ("value", "share", "rfm", "value_risk")


def segment(
    value: Any,
    *,
    by: Any = "value",
    q: int = 4,
    labels: Labels = None,
    customers: Any = None,
    cost: PerCustomer | None = None,
    high_value: float | None = None,
    high_risk: float = 0.5,
) -> Segments:
    """Customers in segments, by value, by recency, frequency and money, or by value and risk; with a profile of each.

    Parameters
    ----------
    value : pandas.Series or frame
        What `lifetime_value` or ``clv score`` returns, or another value by customer as a Series.
    by : str or pandas.Series, default "value"
        - "value": ``q`` tiers of about as many customers each, by quantiles of value; equal values are together, so
          that sizes vary.
        - "share": ``q`` tiers of about as much value each, by cumulated share of value.
        - "rfm": scores of recency, frequency and money, 1 to 5 (5 is best), ceil(5 × average rank / n), so that equal
          values get equal scores; a segment is the three together, such as "545".
        - "value_risk": four groups of high and low value and attrition risk, as `plots.value_risk_table` has them.
        - a column of ``value`` or ``customers``, or a Series by customer: segments of your own.
    q : int, default 4
        How many tiers.
    labels : sequence of str or dict, optional
        Names of tiers, the best first (default: A, B, …); of other segments a dict from each to its name, of which
        several may be the same.
    customers : Customers or frame, optional
        The summary, for "rfm" if ``value`` has no columns frequency, recency, T and monetary_value.
    cost : float or pandas.Series, optional
        What a customer costs, for the profile.
    high_value : float, optional
        For "value_risk": the least value that is high; default: what the best fifth reach.
    high_risk : float, default 0.5
        For "value_risk": the least risk that is high.

    Returns
    -------
    Segments
        ``table``, the profile, and ``customers``, the segment of each.

    Raises
    ------
    ArgumentError
        An option has no meaning.
    DataError
        Values are missing, or a column that the rule needs.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", observation_end="1997-09-30")
    >>> purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    >>> value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.10)
    >>> tiers = clv.segment(value)
    >>> tiers.table[["customers", "share_of_value", "purchase_rate"]].round(2)
             customers  share_of_value  purchase_rate
    segment
    A              590            0.75           2.53
    B              579            0.10           0.45
    C              602            0.08           0.30
    D              586            0.07           0.27
    """
    worth = customer_values(value)
    frame = pd.DataFrame(index=worth.index) if isinstance(value, pd.Series) else by_customer(value)
    known = pd.DataFrame({"value": worth}).join(frame[[name for name in _PROFILED if name in frame]])
    if cost is not None:
        known["cost"] = each_customer(cost, worth.index, "cost")
    if isinstance(by, str) and by in ("value", "share"):
        names = tier_names(whole("q", q, "a whole number of tiers, 2 or more", 2, 1_000), labels)
        rule: Rule = Tiers.of(np.asarray(worth, dtype=np.float64), by, names)
        found = rule.assign(worth)
    elif isinstance(by, str) and by == "value_risk":
        high = value_risk.borders(value_risk.risk_and_value(frame)[1], high_value, high_risk)
        rule = ValueRisk(*high, names_of(list(value_risk.GROUPS.values()), labels))
        found = rule.assign(frame)
    elif isinstance(by, str) and by == "rfm":
        summary = _summary(frame, customers, worth.index)
        scored = rfm_scores(summary)
        known = known.join(scored.drop(columns="rfm"))
        found, order = _named(scored["rfm"], labels)
        rule = Scores(labels, order, summary[list(SUMMARY)])
    else:
        found, order = _named(as_segments(_column(by, frame, customers, worth.index)), labels)
        rule = Given(order)
    known.insert(0, "segment", found)
    return Segments(
        table=profile(known, rule.order),
        customers=known,
        by=by if isinstance(by, str) else str(by.name or "segment"),
        borders=rule.borders,
        currency=worth.attrs.get("currency"),
        _rule=rule,
        _terms={name: worth.attrs[name] for name in ("horizon", "annual_discount_rate") if name in worth.attrs},
    )


def _named(codes: pd.Series[Any], labels: Labels) -> tuple[pd.Series[Any], tuple[str, ...]]:
    """Segments by their names, and the order of these: high scores, or the end of the alphabet, last."""
    order = sorted(codes.unique(), reverse=codes.name == "rfm")
    names = names_of(order, labels)
    return codes.map(names), tuple(dict.fromkeys(names.values()))


def _summary(frame: pd.DataFrame, customers: Any, ids: pd.Index[Any]) -> pd.DataFrame:
    """Recency, frequency and money of each customer."""
    if customers is None:
        missing = [name for name in SUMMARY if name not in frame]
        if missing:
            raise ArgumentError(
                f'by="rfm" needs columns {", ".join(SUMMARY)}, and value has no {missing[0]!r}. Pass customers=, what '
                "clv.summarize returns."
            )
        return frame
    table = _table(customers)
    check_columns(list(table.columns), SUMMARY)
    found: pd.DataFrame = for_all(table, ids, "customers")
    return found


def _column(by: Any, frame: pd.DataFrame, customers: Any, ids: pd.Index[Any]) -> pd.Series[Any]:
    """Segments that are a column, or a Series by customer."""
    if isinstance(by, pd.Series):
        found: pd.Series[Any] = for_all(by, ids, "by")
        return found
    if isinstance(by, str) and by in frame:
        return frame[by]
    table = None if customers is None else _table(customers)
    if table is not None and isinstance(by, str) and by in table:
        found = for_all(table[by], ids, "customers")
        return found
    columns = [*frame.columns, *([] if table is None else table.columns)]
    raise ArgumentError(
        f"by must be one of {', '.join(map(repr, _RULES))}, a column of value or customers, or a Series by customer, "
        f"not {shortly(by)}. Columns: {shortly(columns)}."
    )


def _table(customers: Any) -> pd.DataFrame:
    return customers.table if isinstance(customers, Customers) else by_customer(customers)
