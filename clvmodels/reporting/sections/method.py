"""How the numbers were made, and how to make them again."""

from __future__ import annotations

from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Code, Prose, Section
from clvmodels.reporting.options import LEVEL
from clvmodels.reporting.study.study import Study


def section(study: Study) -> Section:
    """Notes and code."""
    return Section("method", "Method", (Prose(tuple(notes(study))), Code(study.code)))


def notes(study: Study) -> list[str]:
    """What is behind the numbers."""
    titles = dict.fromkeys(f"{fit.definition.spec.title} ({fit.definition.spec.source})" for fit in study.fits)
    sources = formats.listed(list(titles))
    said = [
        f"Models: {sources}. They describe every customer by a few numbers, how often, how recently and for how much "
        "they bought, and the differences between customers by distributions. Nothing else about a customer is used.",
        "The risk is the probability of no purchase in the time ahead. It is not the probability that a customer has "
        "left for good, which nobody can observe.",
    ]
    if study.spend is not None:
        said.append(
            f"Value is expected purchases × expected spend × margin over the next {study.horizon_text}, each purchase "
            f"discounted to {_today(study)} at {formats.rate(study.options.annual_discount_rate)} a year, with a "
            f"{_margin(study)}{_orders(study)}. The cost of winning or keeping customers is not in it."
        )
    said.append(
        f"{formats.rate(LEVEL)} ranges of totals come from how far forecasts at earlier dates of this log were off; "
        "those of single customers from random purchases and amounts under the model."
    )
    return said


def _orders(study: Study) -> str:
    """What is taken off for orders."""
    return " and less what an order costs to serve" if study.options.takes_off_orders else ""


def _today(study: Study) -> str:
    """The day to which values are discounted."""
    end = study.customers.observation_end
    return "the end of the data" if end is None else formats.day(end)


def _margin(study: Study) -> str:
    """The margin in words."""
    margin = study.options.margin
    return (
        f"margin of {formats.rate(margin)}"
        if isinstance(margin, int | float)
        else "margin of its own for each customer"
    )
