"""Stages of customers by the probabilities of a model rather than by fixed days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.signatures import check_fields
from clvmodels.transactions.units import Span

STAGES = ("new", "active", "slowing", "at risk", "one-time", "lapsed", "won back")


@dataclass(frozen=True, kw_only=True)
class StageRules:
    """Thresholds of the stages: choices of the user, not facts.

    Of the stages the first that holds is a customer's: won back (the last gap was overdue when it ended, the last
    purchase lies within the window, and the customer isn't overdue again); new (one purchase, within the window);
    one-time (one purchase, longer ago); lapsed; at risk; slowing; active.

    Parameters
    ----------
    window : float or str, default "13W"
        How long ago the last purchase may be of a customer who is new or won back.
    lapsed : float, default 0.10
        Probability of a purchase in the horizon below which a customer is lapsed.
    at_risk : float, default 0.25
        … below which a customer is at risk.
    overdue : float, default 0.10
        Probability of so long a silence, if the customer is alive, below which the next purchase is overdue, and the
        customer at risk.
    slowing : float, default 0.50
        … below which a customer is slowing.
    one_time : bool, default True
        Whether customers with one purchase, longer ago than the window, have a stage of their own.

    Raises
    ------
    ArgumentError
        A probability is not between 0 and 1.

    Examples
    --------
    >>> StageRules(window="26W").lapsed
    0.1
    """

    window: Span = "13W"
    lapsed: float = 0.10
    at_risk: float = 0.25
    overdue: float = 0.10
    slowing: float = 0.50
    one_time: bool = True

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("lapsed", "at_risk", "overdue", "slowing"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
                raise ArgumentError(f"{name} must be a probability between 0 and 1, not {value!r}.")


def stages_of(
    frequency: Array,
    silent_for: Array,
    rules: StageRules,
    *,
    window: float,
    probability: Array,
    silence: Array,
    last_gap: Array | None,
) -> NDArray[np.int8]:
    """The stage of each customer, by its place in `STAGES`.

    Parameters
    ----------
    frequency
        Repeat purchases.
    silent_for
        Time since the last purchase.
    rules
        The thresholds.
    window
        That of the rules, in the unit of that time.
    probability
        Of a purchase in the horizon.
    silence
        Probability of so long a silence if the customer is alive.
    last_gap
        The same of the gap before the last purchase when it ended; None where it isn't known.

    Examples
    --------
    >>> codes = stages_of(np.array([0, 3]), np.array([2.0, 9.0]), StageRules(), window=13.0,
    ...                   probability=np.array([0.3, 0.8]), silence=np.array([0.9, 0.3]), last_gap=None)
    >>> [STAGES[code] for code in codes]
    ['new', 'slowing']
    """
    once, recent = frequency == 0, silent_for < window
    conditions = {
        "won back": np.zeros(len(once), dtype=bool)
        if last_gap is None
        else ~once & (last_gap < rules.overdue) & recent & (silence >= rules.overdue),
        "new": once & recent,
        "one-time": once if rules.one_time else np.zeros(len(once), dtype=bool),
        "lapsed": probability < rules.lapsed,
        "at risk": (silence < rules.overdue) | (probability < rules.at_risk),
        "slowing": silence < rules.slowing,
    }
    codes = [np.int8(STAGES.index(name)) for name in conditions]
    return np.select(list(conditions.values()), codes, default=np.int8(STAGES.index("active")))
