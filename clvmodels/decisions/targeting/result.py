"""A plan: who gets what, what that promises, and how the promise can be checked."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvmodels import formats
from clvmodels.arguments import instance
from clvmodels.arrays import Places
from clvmodels.decisions.customer_values import for_all
from clvmodels.decisions.targeting.activity_table import activity_table
from clvmodels.decisions.targeting.comparison import Frame, other_rules, price_of_wrong_effects
from clvmodels.decisions.targeting.curve import profit_curve
from clvmodels.decisions.targeting.group_profit import profit_by_group
from clvmodels.decisions.targeting.pairs import Pairs
from clvmodels.errors import DataError
from clvmodels.transactions.validation import name_ids
from clvmodels.value.notebook_page import notebook_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Targeting:
    """Whom to choose for which activity; `target` makes it.

    Attributes
    ----------
    plan : pandas.DataFrame
        The chosen: ``customer_id``, ``activity``, ``cost``, ``incremental_value`` (what the activity brings less its
        cost), ``incremental_value_lower``, ``incremental_value_upper``, and ``group``: "activity" or "holdout", who by
        chance don't get it so that its effect can be measured.
    holdout : pandas.DataFrame
        Who is left out at random, of the chosen and of the rest: ``customer_id``, ``activity`` (what they would have
        got; missing for the rest) and ``share``, the probability of being left out. Leave these alone in every other
        campaign until the window of the test has passed.
    profit, profit_lower, profit_upper : float
        Expected profit if all chosen get their activity, and its range: what is not known of effects and values, not
        the chance in what customers do.
    budget_used : float
        Cost of all chosen.
    upper_bound : float
        No plan within budget and limits promises more.
    gap : float
        How far the profit is below it, as a share of it.
    interval : float
        Level of the ranges.
    """

    plan: pd.DataFrame
    holdout: pd.DataFrame
    profit: float
    profit_lower: float
    profit_upper: float
    budget_used: float
    upper_bound: float
    gap: float
    interval: float
    _pairs: Pairs
    _chosen: Places
    _frame: Frame
    _seed: int

    @cached_property
    def curve(self) -> pd.DataFrame:
        """Profit against the size of the campaign, without a budget.

        Rows by size: ``customers``, ``cost``, ``profit``, ``profit_lower``, ``profit_upper``; each customer with the
        activity that is best for them, the most profitable customers first.
        """
        return profit_curve(self._pairs, self.interval)

    @cached_property
    def best_size(self) -> int:
        """The number of customers with the largest profit, if money were no object."""
        return int((self._pairs.net.max(axis=1) > 0.0).sum())

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Profit of the plan beside rankings by value, by risk and at random with the same budget, and beside everyone.

        Rows are the rules, columns ``customers``, ``cost``, ``profit``, all by the same effects.
        """
        return other_rules(self._pairs, self._chosen, self._frame, self._seed)

    @cached_property
    def regret(self) -> pd.DataFrame:
        """The price of a wrong effect: rows by how many times as large the effects are as believed.

        Columns ``profit`` (of this plan), ``best_profit`` (of the plan that would then be best) and ``regret``.
        """
        return price_of_wrong_effects(self._pairs, self._chosen, self._frame)

    @cached_property
    def by_activity(self) -> pd.DataFrame:
        """Activities side by side: ``cost_each``, ``effect`` and where it is from, and what the plan makes of each.

        Indexed by activity, with ``cost_each``, ``effect`` and ``effect_sd`` (means over all customers; of the value
        where ``of_value`` is true, else in units of what it is worth), ``source`` ("assumed" for a number),
        ``customers``, ``cost`` and ``profit`` of the plan, ``break_even_effect``.
        """
        return activity_table(self._pairs, self._chosen)

    def by_group(self, groups: pd.Series[Any]) -> pd.DataFrame:
        """Incremental profit of groups of customers: whom to act on, and whom to leave alone.

        Parameters
        ----------
        groups : pandas.Series
            The group of each customer, by customer_id; as a categorical in the order of the rows.

        Returns
        -------
        pandas.DataFrame
            Indexed by group: ``customers``; ``activity``, the best one for all of the group together, and what it would
            bring after its cost if all got it: ``profit``, ``profit_lower``, ``profit_upper`` (no budget, no limit);
            ``chosen`` and ``chosen_profit``, those of them in the plan. Where the profit is negative the group as a
            whole is left alone.

        Raises
        ------
        ArgumentError
            The groups are no Series.
        DataError
            Some customers have no group.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series([100.0, 60.0, 10.0], index=["a", "b", "c"])
        >>> plan = clv.target(value, clv.Activity(name="call", cost=5.0, effect=0.10), holdout=0.0)
        >>> plan.by_group(pd.Series({"a": "large", "b": "large", "c": "small"}))[["activity", "profit", "chosen"]]
              activity  profit  chosen
        group
        large     call     6.0       2
        small     call    -4.0       0
        """
        instance("groups", groups, pd.Series, "a Series by customer")
        ids = self._pairs.ids
        known: pd.Series[Any] = for_all(groups, ids, "groups")
        if known.isna().any():
            raise DataError(f"{int(known.isna().sum()):,} customers have no group ({name_ids(ids[known.isna()])}).")
        return profit_by_group(self._pairs, self._chosen, known, self.interval)

    @property
    def break_even(self) -> pd.Series[float]:
        """By activity the effect at which it just pays for the chosen on average: cost by what a unit is worth."""
        return self.by_activity["break_even_effect"]

    def summary(self) -> str:
        """Whom to choose, what it brings, on what that rests and how to check it.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series([100.0, 60.0, 10.0], index=["a", "b", "c"])
        >>> plan = clv.target(value, clv.Activity(name="call", cost=5.0, effect=(0.10, 0.02)), holdout=0.0)
        >>> print(plan.summary())
        2 of 3 customers get an activity (call 2): it costs 10.00 and brings 6.00 after that (90 %: 0.74 to 11.26).
        The effect of call is assumed, not measured.
        With the same money or size, customers chosen by value would bring 6.00 and at random 1.00.
        Were the effects half as large, the plan would lose 2.00; the best one would then bring 0.00.
        """
        return "\n".join(
            filter(None, [self._who(), self._rests_on(), self._gap(), self._others(), self._wrong(), self._held_out()])
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Profit against the size of the campaign: see `clvmodels.plots.profit_curve`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on.

        Returns
        -------
        matplotlib.axes.Axes
            With the picture.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series([100.0, 60.0, 10.0], index=["a", "b", "c"])
        >>> ax = clv.target(value, clv.Activity(name="call", cost=5.0, effect=0.1)).plot()
        """
        drawn: Axes = importlib.import_module("clvmodels.plots.campaign_size").profit_curve(self, ax=ax)
        return drawn

    def _who(self) -> str:
        size, chosen = len(self._pairs.ids), self.plan["activity"].value_counts(sort=False)
        if not len(self.plan):
            return f"None of {formats.plural(size, 'customer')} gets an activity: none brings more than it costs."
        each = ", ".join(f"{activity.name} {chosen.get(activity.name, 0):,}" for activity in self._pairs.activities)
        cost, profit, lower, upper = formats.amounts(
            [self.budget_used, self.profit, self.profit_lower, self.profit_upper]
        )
        known = self.profit_lower == self.profit_upper
        spread = "" if known else f" ({formats.share(self.interval)}: {lower} to {upper})"
        return (
            f"{len(self.plan):,} of {formats.plural(size, 'customer')} get an activity ({each}): it costs {cost} and "
            f"brings {profit} after that{spread}."
        )

    def _rests_on(self) -> str:
        names: dict[tuple[str, bool], list[str]] = {}
        for activity, effect in zip(self._pairs.activities, self._pairs.effects, strict=True):
            names.setdefault((effect.source, bool(effect.errors)), []).append(activity.name)
        return "\n".join(_of_effects(found, *which) for which, found in names.items())

    def _gap(self) -> str:
        """What no plan exceeds, where that is not this one."""
        profit, bound = formats.amounts([self.profit, self.upper_bound])
        return "" if profit == bound else f"No plan within budget and limits brings more than {bound}."

    def _others(self) -> str:
        """What simpler rules would bring."""
        if not len(self.plan):
            return ""
        rules = self.comparison["profit"].drop(["plan", "everyone"])
        texts = formats.amounts(rules.tolist())
        each = [f"{name} {'would bring ' if place == 0 else ''}{text}" for place, (name, text) in
                enumerate(zip(rules.index, texts, strict=True))]  # fmt: skip
        return f"With the same money or size, customers chosen {', '.join(each[:-1])} and {each[-1]}."

    def _wrong(self) -> str:
        if not len(self.plan):
            return ""
        profit, best_profit = (float(self.regret[name].iloc[0]) for name in ("profit", "best_profit"))
        brings, best = formats.amounts([abs(profit), best_profit])
        verb = "bring" if profit >= 0.0 else "lose"
        return f"Were the effects half as large, the plan would {verb} {brings}; the best one would then bring {best}."

    def _held_out(self) -> str:
        held = self.plan[self.plan["group"] == "holdout"]
        if not len(self.holdout):
            return ""
        given_up = formats.amounts([float(held["incremental_value"].sum())])[0]
        return (
            f"{len(held):,} of the chosen and {len(self.holdout) - len(held):,} of the rest are held out at random to "
            f"measure what the activities do, which gives up about {given_up}."
        )

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.plan.head(10).to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.plan.head(10), float_format="{:,.2f}".format)


def _of_effects(names: list[str], source: str, has_error: bool) -> str:
    """Where the effects of some activities are from, and whether the range holds their error."""
    how = "assumed, not measured" if source == "assumed" else f"from {source}"
    if len(names) == 1:
        sure = "" if has_error else "; it is taken as known, so that the range leaves its error out"
        return f"The effect of {names[0]} is {how}{sure}."
    sure = "" if has_error else "; they are taken as known, so that the range leaves their errors out"
    return f"The effects of {', '.join(names[:-1])} and {names[-1]} are {how}{sure}."
