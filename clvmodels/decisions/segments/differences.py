"""What the best customers differ by: the ideal customer, beside what chance would show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, fisher_exact, norm, ttest_ind

from clvmodels.arrays import Array
from clvmodels.errors import DataError

# Of which value is made: that the best customers have more of them says nothing.
PARTS_OF_VALUE = frozenset(
    {
        "frequency",
        "recency",
        "monetary_value",
        "spend_frequency",
        "lifetime_value",
        "expected_purchases",
        "expected_spend",
        "purchase_probability",
        "probability_alive",
        "attrition_risk",
        "segment",
        "value",
        "customer_id",
    }
)
_MOST_LEVELS = 50
_SMALL = 5.0  # expected count below which a test of shares is exact
_COLUMNS = ["attribute", "level", "best", "rest", "difference", "lift", "p_value", "adjusted_p", "differs"]


def differences(attributes: pd.DataFrame, best: Any, rate: float) -> pd.DataFrame:
    """One row a number, and one a level of a category, those that differ most surely first.

    Parameters
    ----------
    attributes
        One row a customer.
    best
        Whether a customer is one of the best.
    rate
        The false discovery rate at which ``differs`` holds.
    """
    rows = []
    for name in attributes.columns:
        column = attributes[name]
        if name in PARTS_OF_VALUE or column.nunique(dropna=False) < 2:
            continue
        is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        rows += _number(name, column, best) if is_number else _levels(name, column, best)
    if not rows:
        raise DataError(
            "No attribute is left to compare: each is the same for all, or a part of value, which tells nothing."
        )
    table = pd.DataFrame(rows, columns=_COLUMNS[:7])
    table["adjusted_p"] = false_discovery_control(table["p_value"], method="bh")
    table["differs"] = table["adjusted_p"] <= rate
    return table.sort_values("p_value", kind="stable", ignore_index=True)


def _number(name: Any, column: pd.Series[Any], best: Any) -> list[tuple[Any, ...]]:
    """Standardised difference d = (x̄₁ - x̄₀) / √((s₁² + s₀²) / 2) and Welch's test; missing values are left out."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(f"Attribute {name!r} holds infinite values. Make them missing, or leave it out.")
    known = ~np.isnan(values)
    ours, others = values[known & best], values[known & ~best]
    if min(len(ours), len(others)) < 2:
        return []
    spread = np.sqrt((ours.var(ddof=1) + others.var(ddof=1)) / 2.0)
    if spread == 0.0:
        return []
    p = float(ttest_ind(ours, others, equal_var=False).pvalue)
    return [(name, None, ours.mean(), others.mean(), (ours.mean() - others.mean()) / spread, np.nan, p)]


def _levels(name: Any, column: pd.Series[Any], best: Any) -> list[tuple[Any, ...]]:
    """Lift of each level, its share among the best / its share among all, and a test of the two shares."""
    text = column.astype(object).where(column.notna(), "missing").astype(str)
    if text.nunique() > _MOST_LEVELS:
        raise DataError(
            f"Attribute {name!r} has {text.nunique():,} levels, more than {_MOST_LEVELS}. Group them, or leave it out."
        )
    rows = []
    for level in sorted(text.unique()):
        has = (text == level).to_numpy()
        of_best, of_rest = has[best].mean(), has[~best].mean()
        p = shares_differ(has[best].sum(), best.sum(), has[~best].sum(), (~best).sum())
        rows.append((name, level, of_best, of_rest, np.nan, of_best / has.mean(), p))
    return rows


def shares_differ(have: int, of: int, others_have: int, of_others: int) -> float:
    """P-value that two shares are the same: Fisher's exact test where counts are small, else of two proportions.

    Examples
    --------
    >>> round(shares_differ(60, 100, 25, 100), 8), shares_differ(1, 2, 1, 2)
    (5.5e-07, 1.0)
    """
    pooled = (have + others_have) / (of + of_others)
    if min(of, of_others) * min(pooled, 1.0 - pooled) < _SMALL:
        table: Array = np.array([[have, of - have], [others_have, of_others - others_have]])
        return float(fisher_exact(table).pvalue)
    error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / of + 1.0 / of_others))
    return float(2.0 * norm.sf(abs(have / of - others_have / of_others) / error))
