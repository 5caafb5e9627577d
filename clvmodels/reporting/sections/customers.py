"""Who is worth what, who is at risk, and whom to act on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from clvmodels import formats as plain
from clvmodels.decisions.segments.value_risk import value_risk_table
from clvmodels.plots.quadrant import value_risk
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.sections import groups
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.units import DAYS_PER_UNIT

_AT_RISK = 10
_PARTS = (
    ("Best tenth", 0.0, 0.1),
    ("Second tenth", 0.1, 0.2),
    ("Next three tenths", 0.2, 0.5),
    ("Other half", 0.5, 1.0),
)


def section(study: Study) -> Section:
    """Segments by value and risk, and the customers at the top."""
    blocks: list[Block] = []
    if study.spend is not None:
        blocks += [Prose((_risk_in_words(study), groups.in_words(study))), groups.table(study)]
        said = groups.advice(study)
        blocks += [] if said is None else [said]
        blocks.append(figure(lambda ax: value_risk(study.value, ax=ax), wide=(7.6, 4.8), narrow=(4.3, 4.6)))
        lost = at_risk(study)
        blocks += [] if lost is None else [lost]
    if len(study.value) >= 20:
        blocks.append(tenths(study))
    return Section("customers", "Customers", (*blocks, top(study)))


def _risk_in_words(study: Study) -> str:
    """What value and risk are, and where the borders of the groups lie."""
    border = formats.money(float(value_risk_table(study.value).attrs["high_value"]), study.currency)
    return (
        f"Two numbers tell customers apart: what they are worth, and the risk that they make no purchase in the next "
        f"{study.horizon_text}. Valuable customers are the best fifth, worth {border} or more; at high risk are those "
        "who are more likely to stay away than to come back."
    )


def tenths(study: Study) -> Table:
    """Segments by rank, with what is expected of a customer in each."""
    ranked, n = study.ranked, len(study.ranked)
    total = float(ranked[study.measure].sum())
    pieces = [ranked.iloc[round(low * n) : round(high * n)] for _, low, high in _PARTS]
    columns = [
        ("By rank", [name for name, *_ in _PARTS]),
        ("Customers", [f"{len(piece):,}" for piece in pieces]),
        ("Chance to buy", [formats.share(piece["purchase_probability"].mean()) for piece in pieces]),
        ("Purchases each", [f"{piece['expected_purchases'].mean():.2f}" for piece in pieces]),
    ]
    if study.spend is not None:
        columns.append((_in("Value each", study), plain.amounts(piece["lifetime_value"].mean() for piece in pieces)))
    shares = [_share(piece[study.measure].sum(), total) for piece in pieces]
    columns.append(("Share of value" if study.spend is not None else "Share of purchases", shares))
    return Table.of_columns("Customers by rank", columns)


def top(study: Study) -> Table:
    """The customers who rank best, with the range of what each may bring."""
    ranked = "the highest value" if study.spend is not None else "most purchases to come"
    return listing(study, study.top_customers, f"The {len(study.top_customers):,} customers with {ranked}")


def at_risk(study: Study) -> Table | None:
    """The valuable customers at high risk who are worth most."""
    borders = value_risk_table(study.value).attrs
    value = study.value
    inside = (value["lifetime_value"] >= borders["high_value"]) & (value["attrition_risk"] >= borders["high_risk"])
    if not inside.any():
        return None
    chosen = value[inside].nlargest(_AT_RISK, "lifetime_value")
    these = f"the {len(chosen):,} worth most" if len(chosen) < inside.sum() else "all of them"
    return listing(study, chosen, f"Act now: {these}")


def listing(study: Study, chosen: pd.DataFrame, caption: str) -> Table:
    """A row a customer: what is to come, what matters most first, and what was."""
    bounds = [f"{study.measure}_{end}" for end in ("lower", "upper")]
    past = study.customers.table.loc[chosen.index]
    columns = [
        ("Chance to buy", [f"{chance * 100:.1f}{formats.NO_BREAK}%" for chance in chosen["purchase_probability"]]),
        ("Purchases to come", [f"{count:,.1f}" for count in chosen["expected_purchases"]]),
    ]
    spend = [] if study.spend is None else [(_in("Spend each", study), plain.amounts(chosen["expected_spend"]))]
    known = [("Purchases so far", [f"{count + 1:,}" for count in past["frequency"]])]
    known.append(("Last purchase", last_purchases(study, past)))
    ranges = [(f"{formats.rate(LEVEL)} range", formats.ranges(chosen[bounds]))] if bounds[0] in chosen else []
    who = [("Customer", [str(name) for name in chosen.index])]
    if study.spend is None:
        return Table.of_columns(caption, [*who, *columns, *ranges, *known])
    value = [(_in("Value", study), plain.amounts(chosen["lifetime_value"]))]
    return Table.of_columns(caption, [*who, *value, *ranges, *columns, *spend, *known])


def _share(part: float, total: float) -> str:
    """A share of a total, if there is one."""
    return formats.share(part / total) if total > 0 else "–"


def _in(head: str, study: Study) -> str:
    """A heading with the currency, if it is known."""
    return plain.with_currency(head, study.currency)


def last_purchases(study: Study, past: pd.DataFrame) -> list[str]:
    """Days of the last purchase, or how long ago it was if the end of the observation is not known."""
    unit = DAYS_PER_UNIT[study.customers.unit]
    ago = np.rint((past["T"] - past["recency"]).to_numpy() * unit).astype(int).tolist()
    end = study.customers.observation_end
    if end is None:
        return [f"{days:,} days ago" for days in ago]
    return [f"{end - timedelta(days=days):%Y-%m-%d}" for days in ago]
