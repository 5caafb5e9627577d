"""What one has to know, in numbers and sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels import formats as plain
from clvmodels.decisions.segments.value_risk import value_risk_table
from clvmodels.forecasting.notes import doubts_of
from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Fact, Facts, Prose, Remark, Remarks, Section
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.sections import campaign, doubts, groups, trust
from clvmodels.reporting.study.study import Study

_UNEQUAL = 0.15  # share of the best tenth from which it is worth a sentence


def section(study: Study) -> Section:
    """Four numbers, a few sentences, and what to read with care."""
    blocks: list[Block] = [Facts(facts(study)), Prose(sentences(study), large=True)]
    cautioned = cautions(study)
    if cautioned:
        blocks.append(Remarks(cautioned))
    return Section("summary", "Summary", tuple(blocks))


def facts(study: Study) -> tuple[Fact, ...]:
    """The numbers to be seen first."""
    found = []
    if study.spend is not None:
        value = formats.money(study.expected("value"), study.currency)
        if study.currency:  # a large amount needs a line for its currency
            value = value.replace(f"\N{NO-BREAK SPACE}{study.currency}", f" {study.currency}")
        found.append(Fact(f"Value over the next {study.horizon_text}", value, _note(study, "value")))
    purchases = formats.about(study.expected("purchases"))
    found.append(Fact("Purchases to come", purchases, _note(study, "purchases")))
    buyers = formats.about(study.expected("buyers"))
    found.append(Fact("Customers who will buy", buyers, _note(study, "buyers")))
    if study.spend is not None:
        act = value_risk_table(study.value).to_dict("index")["Act now"]
        held = f"who hold\n{formats.money(act['value'], study.currency)}" if act["customers"] else ""
        found.append(Fact("Valuable and at high risk", f"{int(act['customers']):,}", held))
    return tuple(found)


def sentences(study: Study) -> tuple[str, ...]:
    """The story."""
    said = [past(study), future(study), concentration(study), risk(study), campaign.in_a_sentence(study)]
    said.append(trust.in_a_sentence(study.holdout_test))
    return tuple(sentence for sentence in said if sentence)


def past(study: Study) -> str:
    """What happened."""
    table = study.customers.table
    bought = int((table["frequency"] + 1).sum())
    again = formats.share(float(np.mean(table["frequency"] > 0)))
    report = study.customers.report
    when = "" if study.customers.observation_end is None else f" until {formats.day(study.customers.observation_end)}"
    if report is not None:
        first, last = pd.Timestamp(report.first_day), pd.Timestamp(report.observation_end)
        when = f" between {formats.day(first)} and {formats.day(last)}"
    spent = ""
    if report is not None and report.amount_spent is not None and study.spend is not None:
        spent = f" and spent {formats.money(report.amount_spent, study.currency)}"
    who, what = plain.plural(len(table), "customer"), plain.plural(bought, "purchase")
    return f"{who} made {what}{when}{spent}; {again} of them came back at least once."


def future(study: Study) -> str:
    """What they will do."""
    count = f"about {formats.about(study.expected('purchases'))} purchases{_in_brackets(study, 'purchases')}"
    who = f"Over the next {study.horizon_text} these customers will make {count}"
    share = formats.share(study.expected("buyers") / len(study.value))
    buyers = f"About {formats.about(study.expected('buyers'))} of them ({share}) will buy at all."
    if study.spend is None:
        return f"{who}. {buyers}"
    spent = f"{formats.money(study.expected('revenue'), study.currency)}{_in_brackets(study, 'revenue')}"
    return f"{who} and spend {spent}. {_worth(study)} {buyers}"


def _worth(study: Study) -> str:
    """What that is worth today."""
    terms = study.options
    margin = "" if _is_plain(terms.margin) else f" and at a margin of {formats.rate(float(np.mean(terms.margin)))}"
    orders = ", after what orders cost to serve" if terms.takes_off_orders else ""
    value = f"{formats.money(study.expected('value'), study.currency)}{_in_brackets(study, 'value')}"
    rate = formats.rate(terms.annual_discount_rate)
    return f"Discounted at {rate} a year{margin}{orders}, that is worth {value} today."


def _is_plain(margin: object) -> bool:
    """Whether all of the spend is earned, so that the margin needs no mention."""
    return isinstance(margin, int | float) and margin == 1.0


def concentration(study: Study) -> str:
    """How unequal customers are."""
    share = study.best_share(0.1)
    if len(study.value) < 20 or not share > _UNEQUAL:
        return ""
    what = "that value" if study.spend is not None else "these purchases"
    return f"The best tenth of the customers hold {formats.share(share)} of {what}."


def risk(study: Study) -> str:
    """Whom to act on."""
    if study.spend is None:
        return ""
    table = value_risk_table(study.value)
    act, total = table.to_dict("index")["Act now"], float(table["value"].sum())
    if act["customers"] == 0 or total <= 0:
        return ""
    one = act["customers"] == 1
    who = "1 valuable customer is" if one else f"{int(act['customers']):,} valuable customers are"
    holds = "This one holds" if one else "They hold"
    return (
        f"{who} more likely than not to make no purchase in that time. {holds} {formats.share(act['value'] / total)} "
        f"of the value. {groups.of_act_now(study)}"
    )


def cautions(study: Study) -> tuple[Remark, ...]:
    """What to know before one relies on the numbers."""
    checks = [one for one in study.customers.check() if one.verdict in ("problem", "look")]
    found = [Remark(one.verdict, one.name, formats.plainly(one.sentence)) for one in checks]
    found += [Remark("problem", "models", formats.plainly(sentence)) for sentence in doubts_of(study.forecast)]
    found += [Remark("problem", "ranges", formats.plainly(sentence)) for sentence in study.range_warnings]
    found += doubts.remarks(study)
    found += [Remark("note", "not in this report", formats.plainly(sentence)) for sentence in study.missing]
    return tuple(found)


def _range(study: Study, quantity: str) -> str:
    """The range of a quantity in words; empty if there is none."""
    bounds = study.range(quantity)
    if bounds is None:
        return ""
    form = formats.about if quantity in ("purchases", "buyers") else lambda value: formats.money(value, None)
    return f"{formats.rate(LEVEL)} range {form(bounds[0])} to {form(bounds[1])}"


def _note(study: Study, quantity: str) -> str:
    """The range on a line of its own."""
    return _range(study, quantity).replace("range ", "range\n")


def _in_brackets(study: Study, quantity: str) -> str:
    """The range of a quantity in brackets; empty if there is none."""
    text = _range(study, quantity)
    return f" ({text})" if text else ""
