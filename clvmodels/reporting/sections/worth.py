"""What the base is worth: value per customer by period, value now, what attrition takes, and customer equity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats as plain
from clvmodels.decisions.equity.result import CustomerEquity
from clvmodels.plots.equity_waterfall import equity_waterfall
from clvmodels.plots.value_over_time import value_per_customer
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Heading, Prose, Section, Table
from clvmodels.reporting.figures import figure
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.study.study import Study
from clvmodels.value.periods.past_value import PastValue

_LEAST = 3  # periods of a curve


def section(study: Study) -> Section | None:
    """Past value by period, value and risk now, and those still to come where the cost of winning them is known."""
    past = study.past_value
    if past is None or study.spend is None:
        return None
    blocks: list[Block] = [Prose((*_assumed(study), *_today(study)))]
    if len(past.table) >= _LEAST:
        blocks.append(figure(lambda ax: value_per_customer(past, currency=study.currency, ax=ax), wide=(7.6, 3.4)))
    blocks.append(by_period(study, past))
    if study.equity is not None:
        blocks += _equity(study.equity)
    return Section("worth", "What the base is worth", tuple(blocks))


def _assumed(study: Study) -> tuple[str, ...]:
    """What value is after, and what is assumed of it."""
    costs, margin = study.options.costs, study.options.margin
    rate = float(np.mean(margin))
    earned = "" if isinstance(margin, int | float) and margin == 1.0 else f" a margin of {formats.rate(rate)}"
    if costs is None:
        said = f"after{earned}, before all other costs" if earned else "revenue, before all costs"
        return (
            f"No costs were given, so value per customer is {said}. With what an order costs to serve and a customer "
            "to win it would be what is left of it, and customers still to come could be valued.",
        )
    at = f" at{earned}" if earned else ""
    to_come = "Value to come, here and in the rest of this report, is before them."
    if study.options.takes_off_orders:
        to_come = "Value to come, here and in the rest of this report, is after what orders cost to serve."
    return (f"Value per customer in the past is revenue{at} less the costs that were given (assumed). {to_come}",)


def _today(study: Study) -> tuple[str, ...]:
    """What today's customers are worth, and what the risk that they stay away takes of it."""
    value, comes = study.value["lifetime_value"].to_numpy(), study.value["purchase_probability"].to_numpy()
    total, n = study.expected("value"), len(value)
    if not total > 0.0:
        return ()
    known = comes > 0.0
    lost = float((np.maximum(value, 0.0)[known] * (1.0 - comes[known]) / comes[known]).sum())
    at_risk = float((np.maximum(value, 0.0) * (1.0 - comes)).sum())
    money = [formats.money(each, study.currency) for each in (total, total / n, lost, at_risk)]
    return (
        f"Today's {plain.plural(n, 'customer')} are worth {money[0]} over the next {study.horizon_text}, {money[1]} "
        f"each. If each of them bought at least once in that time, they would be worth {money[2]} more: that is what "
        "attrition takes.",
        f"Value at risk, value × the risk of no purchase, adds up to {money[3]}. It ranks whom to look after first; it "
        "is not the quantile of losses that finance calls so.",
    )


def by_period(study: Study, past: PastValue) -> Table:
    """Value per customer of each period, and what it is made of."""
    table = past.table[past.table["customers"] > 0]
    bounds = table[["value_per_customer_lower", "value_per_customer_upper"]].set_axis(["lower", "upper"], axis=1)
    columns = [
        ("Until", [f"{formats.day(end)}{'' if whole else ' (not over)'}" for end, whole in _ends(table)]),
        ("Customers", [f"{count:,}" for count in table["customers"]]),
        (plain.with_currency("Value each", study.currency), plain.amounts(table["value_per_customer"])),
        (f"{formats.rate(LEVEL)} range", formats.ranges(bounds)),
        ("Order value", plain.amounts(table["average_order_value"])),
        ("Orders each", [f"{count:.2f}" for count in table["purchase_frequency"]]),
    ]
    return Table.of_columns("Value per customer, over the customers who bought in the period", columns)


def _ends(table: pd.DataFrame) -> list[tuple[pd.Timestamp, bool]]:
    return list(zip(pd.DatetimeIndex(table.index), table["complete"].astype(bool), strict=True))


def _equity(equity: CustomerEquity) -> list[Block]:
    """Today's customers and those to come."""
    said = tuple(formats.plainly(one) for one in (*equity.summary().splitlines(), *equity.warnings))
    picture = figure(lambda ax: equity_waterfall(equity, ax=ax), wide=(7.6, 3.6))
    return [Heading("Customers still to come"), Prose(tuple(dict.fromkeys(said))), picture]
