"""The four groups of value and risk, and what incremental profit says of each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from clvmodels import formats as plain
from clvmodels.decisions.segments.value_risk import GROUPS, groups, risk_and_value, value_risk_table
from clvmodels.decisions.targeting.result import Targeting
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Remark, Remarks, Table
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.sections import campaign
from clvmodels.reporting.study.study import Study

RISE = 0.10  # of the purchases by which an activity that nobody has named is judged; value rises with them
WHO = {
    "Look after": "valuable and likely to come back",
    "Act now": "valuable, but more likely lost than not",
    "Grow": "likely to come back, but of little value yet",
    "Mind the cost": "of little value each, and more likely lost than not",
}


def in_words(study: Study) -> str:
    """What the last columns of the table say."""
    if study.campaign is not None:
        return (
            "What to do about a group follows from what the activities would add to its value, less their cost, and "
            f"not from its value: a group is left alone where that profit is below 0.{campaign.assumed(study.campaign)}"
        )
    return (
        "No activities were given, so nothing here says which group is worth acting on: that depends on what an "
        f"activity adds to the value of its customers, and on what it costs. The last column is an if: if an activity "
        f"raised the purchases of a group by {formats.share(RISE)}, it would pay where it costs less than that for "
        "each customer. With activities, their costs and effects the report plans a campaign."
    )


def table(study: Study) -> Table:
    """The four groups, and what to do about each."""
    found = value_risk_table(study.value)
    names = [str(name) for name in found.index]
    total = float(found["value"].sum())
    columns = [
        ("Group", names),
        ("Customers", [f"{count:,}" for count in found["customers"]]),
        (plain.with_currency("Value", study.currency), plain.amounts(found["value"])),
        ("Share of value", [formats.share(value / total) if total > 0 else "–" for value in found["value"]]),
    ]
    if study.campaign is None:
        head = plain.with_currency(f"Pays below, if +{formats.share(RISE)}", study.currency)
        columns.append((head, _break_even(found)))
    else:
        acted = profits(study.value, study.campaign)
        columns.append((plain.with_currency("Profit if all get it", study.currency), formats.signed(acted["profit"])))
        columns.append(("In the plan", [f"{count:,}" for count in acted["chosen"]]))
    act = frozenset({names.index("Act now")} if found.loc["Act now", "customers"] else ())
    who = tuple(WHO[name] for name in names)
    return Table.of_columns("Four groups by value and risk", columns, details=who, strong=act)


def advice(study: Study) -> Remarks | None:
    """What to do about each group, where it is known what can be done."""
    if study.campaign is None:
        return None
    rows = profits(study.value, study.campaign)
    rows = rows[rows["customers"] > 0]
    return Remarks(tuple(_advice(str(name), row) for name, row in rows.to_dict("index").items()))


def profits(value: pd.DataFrame, plan: Targeting) -> pd.DataFrame:
    """Incremental profit of each group, as `Targeting.by_group` gives it."""
    borders = value_risk_table(value).attrs
    names = groups(*risk_and_value(value), borders["high_value"], borders["high_risk"])
    return plan.by_group(pd.Series(pd.Categorical(names, list(GROUPS.values())), value.index, name="group"))


def of_act_now(study: Study) -> str:
    """What acting on the valuable customers at high risk would bring, to follow what they hold."""
    if study.campaign is not None:
        row = profits(study.value, study.campaign).to_dict("index")["Act now"]
        brings = formats.money(abs(row["profit"]), study.currency)
        less = f"bring {brings} more than it costs" if row["profit"] > 0.0 else f"cost {brings} more than it brings"
        return f"The best that can be done for all of them, {row['activity']}, would {less}{_range(row)}."
    row = value_risk_table(study.value).to_dict("index")["Act now"]
    below = formats.money(RISE * row["value"] / row["customers"], study.currency)
    return (
        f"Whether to win them back is a matter of costs: if an activity raised their purchases by "
        f"{formats.share(RISE)}, it would pay below {below} a customer."
    )


# --- private helpers --------------------------------------------------------------------------------------------------


def _break_even(found: pd.DataFrame) -> list[str]:
    """What an activity may cost a customer of each group, if it raises purchases, and value with them."""
    each = RISE * found["value"] / found["customers"].where(found["customers"] > 0)
    texts = plain.amounts(each.fillna(0.0))
    return [text if one > 0 else "–" for text, one in zip(texts, each, strict=True)]


def _advice(name: str, row: Mapping[Hashable, Any]) -> Remark:
    """What to do about a group, by the profit of its best activity."""
    if row["profit"] <= 0.0:
        some = f", but for the {row['chosen']:,} whom the plan has" if row["chosen"] else ""
        loses = "would cost more than it brings" if row["profit_upper"] <= 0.0 else "would more likely lose than pay"
        said = f"even {row['activity']}, the best for them, {loses}{_range(row)}"
        return Remark("leave", name, f"To be left alone as a group{some}: {said}.")
    sure = row["profit_lower"] >= 0.0
    pays = "would pay" if sure else "would more likely pay than not"
    elsewhere = "" if row["chosen"] else "; the budget brings more elsewhere, so that the plan has none of them"
    said = f"{row['activity']} for all of them {pays}{_range(row)}{elsewhere}."
    return Remark("pays" if sure else "unsure", name, f"{said[:1].upper()}{said[1:]}")


def _range(row: Mapping[Hashable, Any]) -> str:
    """The range of the profit, in brackets."""
    lower, upper = formats.signed([row["profit_lower"], row["profit_upper"]])
    return f" ({formats.rate(LEVEL)} range {lower} to {upper})" if lower != upper else ""
