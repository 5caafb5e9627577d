"""The Python that makes the numbers of a report, so that anyone can make them again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clvmodels.reporting.study import Terms

if TYPE_CHECKING:
    from clvmodels.reporting.build_study import LogSource


def of_log(source: LogSource, has_spend: bool, terms: Terms) -> str:
    """From the log to the value of every customer."""
    name, first = _log(source.log)
    every = {"keep_purchases": True} if source.needs_purchases else {}
    options = {**source.options, "currency": terms.currency, **every}
    summarize = _call("customers = clv.summarize", [name], options)
    lines = [*first, summarize, f"purchases = clv.fit(customers, {_written(source.model)})"]
    return "\n".join([*_head(), *lines, *_value(source.spend, has_spend, terms)])


def of_trial(source: LogSource, end: Any) -> str:
    """The test on a holdout."""
    name, _ = _log(source.log)
    options = {**source.options, "calibration_end": end, "models": [source.model], "spend": source.spend}
    return _call("evaluation = clv.evaluate", [name], options)


def of_fits(has_spend: bool, terms: Terms) -> str:
    """From fits that were there already."""
    loaded = "purchases, spend" if has_spend else "purchases"
    lines = [f"# {loaded} and customers: as they were passed to clv.report"]
    return "\n".join([*_head(), *lines, *_value(None, has_spend, terms, customers=True)])


def _head() -> list[str]:
    import clvmodels

    return [f"import clvmodels as clv  # version {clvmodels.__version__}", ""]


def _value(spend: str | None, has_spend: bool, terms: Terms, customers: bool = False) -> list[str]:
    whom = ["customers"] if customers else []
    if not has_spend:
        inside = ", ".join([_written(terms.horizon), *whom])
        return [f"chance = purchases.purchase_probability({inside})", f"count = purchases.expected_purchases({inside})"]
    options = {
        "horizon": terms.horizon,
        "annual_discount_rate": terms.annual_discount_rate,
        "margin": terms.margin if isinstance(terms.margin, int | float) else _Name("margin"),
    }
    fitted = [] if spend is None else [f"spend = clv.fit(customers, {_written(spend)})"]
    return [*fitted, _call("value = clv.lifetime_value", ["purchases", "spend", *whom], options)]


class _Name(str):
    """A text that is printed without quotes."""


def _log(log: Any) -> tuple[str, list[str]]:
    """How the log is written in a call, and what stands before it."""
    if isinstance(log, str | os.PathLike):
        return _written(os.fspath(log)), []
    if isinstance(log, list | tuple) and all(isinstance(part, str | os.PathLike) for part in log):
        return _written([os.fspath(part) for part in log]), []
    return "log", ["# log: the transactions, as they were passed to clv.report"]


def _call(function: str, first: list[str], options: Mapping[str, Any]) -> str:
    """A call with an argument a line; what is left at None is left out."""
    given = [f"{name}={_written(value)}" for name, value in options.items() if value is not None]
    return "\n".join([f"{function}(", *[f"    {part}," for part in [*first, *given]], ")"])


def _written(value: Any) -> str:
    if isinstance(value, _Name):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return repr(value) if isinstance(value, int | float) else json.dumps(str(value), ensure_ascii=False)
