"""Target: whom to choose for which activity under a budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels.arguments import finite, level, whole
from clvmodels.arrays import Places
from clvmodels.decisions.targeting.activity import activities_of
from clvmodels.decisions.targeting.choice.assignment import assign
from clvmodels.decisions.targeting.comparison import Frame
from clvmodels.decisions.targeting.pairs import Pairs, check_budget, pairs_of
from clvmodels.decisions.targeting.result import Targeting


def target(
    value: Any,
    activities: Any,
    *,
    budget: float | None = None,
    features: Any = None,
    holdout: float = 0.1,
    interval: float = 0.90,
    time_limit: float = 10.0,
    seed: int = 0,
) -> Targeting:
    """The set of customers and activities with the largest expected profit, at most one activity each.

    An activity brings effect × worth - cost: customers are chosen by what it changes, not by their value or their risk.
    Up to 10,000 pairs of customer and activity the choice is exact; beyond that it comes with what it may be short of.
    A random part of the chosen and of the rest is held out, so that the effects can be measured.

    Parameters
    ----------
    value : pandas.Series or frame
        Value of each customer by customer_id, as `clvmodels.lifetime_value` gives it; other columns of a frame can be
        named by costs and effects. Its ranges, if it has any, enter that of the profit.
    activities : Activity, sequence of Activity or frame
        What can be done; a frame has columns ``name``, ``cost``, ``effect`` and, if wanted, ``effect_sd`` (how unsure
        the effect is), ``worth`` and ``limit``, with numbers or names of columns of the values.
    budget : float, optional
        Of all costs together; None is for no budget, where all are chosen whom an activity brings more than it costs.
    features : frame, optional
        What models of effects see of the customers, by customer_id; None is the table of the values.
    holdout : float, default 0.1
        Share of customers who are held out at random; 0 for none.
    interval : float, default 0.90
        Level of the ranges.
    time_limit : float, default 10
        Seconds of the exact choice; what is found by then is returned with its bound.
    seed : int, default 0
        Of the holdout.

    Returns
    -------
    Targeting
        ``plan``, ``holdout``, ``profit`` with its range, ``upper_bound`` and ``gap``, ``curve``, ``comparison``,
        ``regret``, ``summary()`` and ``plot()``.

    Raises
    ------
    ArgumentError
        An activity, the budget or an option has no meaning.
    DataError
        Values, costs or effects are missing for some customers, or costs are negative.

    See Also
    --------
    scenario : Value under an activity for all customers.
    RandomisedTest : The effect of an activity from a test.

    Examples
    --------
    >>> import clvmodels as clv
    >>> value = pd.Series([100.0, 60.0, 10.0], index=["a", "b", "c"])
    >>> activities = [clv.Activity(name="call", cost=5.0, effect=0.10),
    ...               clv.Activity(name="letter", cost=1.0, effect=0.04)]
    >>> plan = clv.target(value, activities, budget=6.0, holdout=0.0)
    >>> plan.plan[["customer_id", "activity", "incremental_value"]].values.tolist()
    [['a', 'call', 5.0], ['b', 'letter', 1.4]]
    >>> plan.profit, plan.budget_used
    (6.4, 6.0)
    """
    asked = activities_of(activities)
    share = finite("holdout", holdout, "a share from 0 to below 1, such as 0.1", 0.0, 1.0 - 1e-9)
    known, drawn = level("interval", interval), whole("seed", seed)
    limits = np.array([np.inf if activity.limit is None else float(activity.limit) for activity in asked])
    seconds = finite("time_limit", time_limit, "a number of seconds, 0 or more", 0.0)
    frame = Frame(check_budget(budget), limits, seconds)
    pairs = pairs_of(value, asked, features)
    best = assign(pairs.net, pairs.cost, frame.budget, limits, time_limit=seconds)
    rows = np.flatnonzero(best.chosen >= 0)
    half = float(sc.ndtri(0.5 + known / 2.0))
    plan = _plan(pairs, best.chosen, rows, half)
    held = np.random.default_rng(drawn).random(len(pairs.ids)) < share
    plan["group"] = np.where(held[rows], "holdout", "activity")
    sd = pairs.sd(best.chosen, rows)
    return Targeting(
        plan=plan,
        holdout=_holdout(pairs, best.chosen, np.flatnonzero(held), share),
        profit=best.profit,
        profit_lower=best.profit - half * sd,
        profit_upper=best.profit + half * sd,
        budget_used=float(plan["cost"].sum()),
        upper_bound=best.bound,
        gap=1.0 - best.profit / best.bound if best.bound > 0.0 else 0.0,
        interval=known,
        _pairs=pairs,
        _chosen=best.chosen,
        _frame=frame,
        _seed=drawn,
    )


# --- private helpers --------------------------------------------------------------------------------------------------


def _plan(pairs: Pairs, chosen: Places, rows: Places, half: float) -> pd.DataFrame:
    """The chosen pairs."""
    activity = chosen[rows]
    net, width = pairs.net[rows, activity], half * pairs.pair_sd(rows, activity)
    return pd.DataFrame(
        {
            "customer_id": pairs.ids[rows],
            "activity": _names(pairs, activity),
            "cost": pairs.cost[rows, activity],
            "incremental_value": net,
            "incremental_value_lower": net - width,
            "incremental_value_upper": net + width,
        }
    )


def _holdout(pairs: Pairs, chosen: Places, rows: Places, share: float) -> pd.DataFrame:
    """Who is left out at random, and of what."""
    return pd.DataFrame({"customer_id": pairs.ids[rows], "activity": _names(pairs, chosen[rows]), "share": share})


def _names(pairs: Pairs, activity: Places) -> pd.Categorical[Any]:
    names = pd.Index([each.name for each in pairs.activities])
    return pd.Categorical.from_codes(activity.tolist(), names)
