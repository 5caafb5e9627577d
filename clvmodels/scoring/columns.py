"""The columns of a table of scores, in their order, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable

MEANINGS = {
    "customer_id": "the customer",
    "first_purchase": "day of the first purchase",
    "last_purchase": "day of the last purchase",
    "purchases": "purchase days so far, the first included",
    "mean_spend": "mean spend of a purchase day after the first so far; empty without one [currency]",
    "probability_alive": "probability that the customer has not left for good",
    "purchase_probability": "probability of a purchase in the horizon",
    "attrition_risk": "probability of no purchase in the horizon",
    "expected_purchases": "purchases expected in the horizon",
    "expected_spend": "mean spend expected of a purchase [currency]",
    "lifetime_value": "discounted value of the purchases to come, after margin and costs [currency]",
    "expected_next_purchase": "day by which the next purchase comes with probability 1/2, if it comes in the horizon; "
    "empty where a purchase is less likely than 10 %",
    "overdue": "whether so long a silence would be rare for a customer who has not left",
    "stage": "new, active, slowing, at risk, one-time, lapsed or won back",
    "rank": "1 for the customer with the highest value (without amounts: the most purchases expected)",
    "tier": "fourth of the customers by value (without amounts: by purchases expected): A is the best",
    "group": "Look after, Act now, Grow or Mind the cost: value (high from what the best fifth reach) and risk (high "
    "from 1/2)",
}
OF_THE_BASE = ("rank", "tier", "group")  # which depend on all customers
_BOUNDS = {"_lower": "lower bound of: ", "_upper": "upper bound of: "}


def meaning(name: str) -> str:
    """What a column holds.

    Examples
    --------
    >>> meaning("expected_purchases_lower")
    'lower bound of: purchases expected in the horizon'
    """
    for ending, words in _BOUNDS.items():
        if name.endswith(ending):
            return words + MEANINGS[name.removesuffix(ending)]
    return MEANINGS[name]


def in_order(names: Iterable[str]) -> list[str]:
    """Names of columns in the order of `MEANINGS`, bounds beside what they are bounds of.

    Examples
    --------
    >>> in_order(["rank", "expected_purchases_lower", "purchases", "expected_purchases"])
    ['purchases', 'expected_purchases', 'expected_purchases_lower', 'rank']
    """
    there = set(names)
    return [name + ending for name in MEANINGS for ending in ("", *_BOUNDS) if name + ending in there]
