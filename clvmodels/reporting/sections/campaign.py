"""The campaign: whom to reach with what under the budget, what that brings, and on what it rests."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from clvmodels import formats as plain
from clvmodels.decisions.targeting.result import Targeting
from clvmodels.plots.campaign_size import profit_curve
from clvmodels.plots.shared.style import Axes
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.study.study import Study

_RULES = {
    "plan": ("This plan", "by what an activity adds, less its cost"),
    "by value": ("By value", "the most valuable customers first"),
    "by risk": ("By risk", "those most likely to stay away first"),
    "at random": ("At random", ""),
    "everyone": ("Everyone", "whatever it costs"),
}


def section(study: Study) -> Section | None:
    """The plan in sentences, its activities, profit against size, simpler rules, and the first of the list."""
    plan = study.campaign
    if plan is None:
        return None
    said = (_how(study), *map(formats.plainly, plan.summary().splitlines()))
    blocks: list[Block] = [Prose(said), activities(study, plan)]
    blocks.append(figure(lambda ax: _curve(plan, study.currency, ax), wide=(7.6, 3.8)))
    blocks.append(rules(study, plan))
    blocks += [chosen(study, plan)] if len(plan.plan) else []
    return Section("campaign", "Campaign", tuple(blocks))


def in_a_sentence(study: Study) -> str:
    """The campaign in the summary."""
    plan = study.campaign
    return "" if plan is None else f"{formats.plainly(plan.summary().splitlines()[0])}{assumed(plan)}"


def assumed(plan: Targeting) -> str:
    """Which effects are assumed, to follow a sentence; empty if all were measured."""
    rows = plan.by_activity[plan.by_activity["source"] == "assumed"]
    if not len(rows):
        return ""
    verb, them = ("effect is", "it") if len(rows) == 1 else ("effects are", "them")
    taken = "" if (rows["effect_sd"] > 0.0).all() else f", and ranges take {them} as known"
    return f" The {verb} assumed, not measured ({formats.listed(list(rows.index))}){taken}."


def activities(study: Study, plan: Targeting) -> Table:
    """What can be done: costs, effects and where they are from, and what the plan makes of each."""
    rows = plan.by_activity
    columns = [
        ("Activity", [str(name) for name in rows.index]),
        (_in("Cost each", study), plain.amounts(rows["cost_each"])),
        ("Effect", [_effect(row) for row in rows.to_dict("records")]),
        ("Chosen", [f"{count:,}" for count in rows["customers"]]),
        (_in("Cost", study), plain.amounts(rows["cost"])),
        (_in("Profit", study), formats.signed(rows["profit"])),
    ]
    details = tuple(f"effect {source}" if source == "assumed" else f"effect from {source}" for source in rows["source"])
    note = "Cost each and effect are means over all customers; chosen, cost and profit are those of the plan."
    return Table.of_columns("What can be done", columns, details=details, note=note)


def rules(study: Study, plan: Targeting) -> Table:
    """The plan beside simpler rules."""
    found = plan.comparison
    columns = [
        ("Chosen", [_RULES[str(name)][0] for name in found.index]),
        ("Customers", [f"{count:,}" for count in found["customers"]]),
        (_in("Cost", study), plain.amounts(found["cost"])),
        (_in("Expected profit", study), formats.signed(found["profit"])),
    ]
    return Table.of_columns(
        "The plan beside simpler rules, by the same effects",
        columns,
        details=tuple(_RULES[str(name)][1] for name in found.index),
        strong=frozenset({0}),
        note="Each rule gives a customer the activity that is best for them. All but the last keep to the budget, or "
        "without one to the number of customers of the plan.",
    )


def chosen(study: Study, plan: Targeting) -> Table:
    """The customers with the largest expected profit."""
    first = plan.plan.nlargest(study.options.top, "incremental_value")
    value = study.value.loc[first["customer_id"]]
    columns = [
        ("Customer", [str(name) for name in first["customer_id"]]),
        ("Activity", [str(name) for name in first["activity"]]),
        (_in("Expected profit", study), formats.signed(first["incremental_value"])),
        (_in("Cost", study), plain.amounts(first["cost"])),
        (_in("Value", study), plain.amounts(value["lifetime_value"])),
        ("Gets it", ["yes" if group == "activity" else "held out" for group in first["group"]]),
    ]
    these = f"the {len(first):,} who bring most" if len(first) < len(plan.plan) else "all of them"
    return Table.of_columns(f"Chosen: {these}", columns, note=_LIST)


_LIST = (
    "The whole list, with those who are held out, is written by clv target (in Python clvmodels.target), with the same "
    "activities and budget. Leave who is held out alone in every other campaign until the effects have been measured."
)


# --- private helpers --------------------------------------------------------------------------------------------------


def _how(study: Study) -> str:
    """By what customers are chosen."""
    request = study.options.campaign
    assert request is not None  # there is a plan
    budget = "Without a budget"
    if request.budget is not None:
        budget = f"Under a budget of {formats.money(request.budget, study.currency)}"
    return (
        f"{budget}, customers are chosen by what an activity adds to their value over the next {study.horizon_text}, "
        "less what it costs, and not by what they are worth or how likely they are to stay away. Each gets one "
        "activity at most."
    )


def _effect(row: Mapping[Hashable, Any]) -> str:
    """An effect in its own unit, with its standard error."""
    form = formats.rate if row["of_value"] else plain.short
    unsure = f" ± {form(row['effect_sd'])}" if row["effect_sd"] > 0.0 else ""
    return f"{form(row['effect'])}{unsure}{' of value' if row['of_value'] else ''}".replace("-", "−")


def _curve(plan: Targeting, currency: str | None, ax: Axes) -> None:
    """Profit against the size of the campaign, in the currency."""
    profit_curve(plan, ax=ax).set_ylabel(plain.with_currency("Expected profit", currency))


def _in(head: str, study: Study) -> str:
    """A heading with the currency, if it is known."""
    return plain.with_currency(head, study.currency)
