"""How much equity changes with what it is made of, one thing at a time."""

from __future__ import annotations

import pandas as pd

from clvmodels import formats
from clvmodels.decisions.equity.parts.base import Base
from clvmodels.decisions.equity.parts.conditions import Conditions
from clvmodels.decisions.equity.parts.future import Future

SHARE = 0.10  # by which margin, costs, numbers and spend change
POINTS = 0.02  # by which the discount rate changes


def sensitivities(base: Base, value: float, future: Future, conditions: Conditions) -> pd.DataFrame:
    """The total with each thing a little lower and a little higher, the one that matters most first.

    Parameters
    ----------
    base, value
        Today's customers, and what they are worth.
    future : Future
        Those to come.
    conditions : Conditions
        Margins, costs and discounting.

    Returns
    -------
    pandas.DataFrame
        One row a thing: ``change`` in words, ``lower`` and ``higher`` (equity where the thing is lower and higher), and
        ``width`` (the distance between them).
    """
    total = value + future.total(conditions)
    spend = base.earned(conditions, value) + float(future.coming.mean @ future.earned(conditions))
    found = future.cohorts(conditions)
    steps = {"spend": spend, "margin": spend, "new customers": future.total(conditions)}
    steps["acquisition cost"] = -float(future.coming.mean @ found.cost)
    change = f"± {formats.share(SHARE)}"
    rows = {name: (change, total - SHARE * step, total + SHARE * step) for name, step in steps.items()}
    rate = conditions.annual_discount_rate
    low, high = max(rate - POINTS, 0.0), rate + POINTS
    at = [base.at_rate(conditions, value, one) + future.total(conditions, one) for one in (low, high)]
    rows["discount rate"] = (f"{formats.percent(low)} to {formats.percent(high)}", at[0], at[1])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["change", "lower", "higher"]).rename_axis("what")
    table["width"] = (table["higher"] - table["lower"]).abs()
    return table.sort_values("width", ascending=False, kind="stable")
