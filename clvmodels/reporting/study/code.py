"""The Python that makes the numbers of a report, so that anyone can make them again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from clvmodels.decisions.targeting.activity import Activity
from clvmodels.forecasting.rules.gate import AUTO, RULES
from clvmodels.forecasting.rules.spend import DEFAULT
from clvmodels.passwords import without_passwords
from clvmodels.reporting.options import LEVEL, LogRequest, ReportOptions
from clvmodels.reporting.study.campaign import SUMMARY


def of_log(request: LogRequest, has_spend: bool, options: ReportOptions) -> str:
    """From the log to the value of every customer."""
    name, first = _log(request.log.data)
    arguments = {
        **_reading(request),
        "currency": request.log.currency or options.currency,
        "horizon": options.horizon,
        **({} if request.model == AUTO else {"model": request.model}),
        **({} if request.spend == DEFAULT else {"spend": request.spend}),
    }
    return "\n".join(
        [*_head(), *first, _call("forecast = clv.forecast", [name], arguments), _value(has_spend, options)]
    )


def of_holdout_test(request: LogRequest, end: str) -> str:
    """The test on a holdout."""
    name, _ = _log(request.log.data)
    arguments = {
        **_reading(request),
        "currency": request.log.currency,
        "calibration_end": end,
        "models": ["bg/nbd" if request.model in RULES else request.model],
        "spend": request.spend,
        "forecast": True if request.model == AUTO else request.model,
    }
    return _call("evaluation = clv.evaluate", [name], arguments)


def of_fits(has_spend: bool, options: ReportOptions) -> str:
    """From fits that were there already."""
    loaded = "purchases, spend" if has_spend else "purchases"
    lines = [f"# {loaded} and customers: as they were passed to clv.report"]
    spend = _Name("spend") if has_spend else _Name("None")
    arguments = {"customers": _Name("customers"), "spend": spend, "horizon": options.horizon}
    made = _call("forecast = clv.forecast", ["purchases"], arguments)
    return "\n".join([*_head(), *lines, made, _value(has_spend, options)])


def of_campaign(options: ReportOptions) -> str:
    """Whom to reach with what."""
    request = options.campaign
    assert request is not None  # there is a plan
    listed = [_activity(one) for one in request.activities]
    lines = ["# activities: as they were passed to clv.report"]
    if all(listed):
        lines = ["activities = [", *(f"    {one}," for one in listed), "]"]
    arguments = {"budget": request.budget, "interval": LEVEL}
    return "\n".join([*lines, _call("plan = clv.target", [_columns(request.activities), "activities"], arguments)])


def _activity(activity: Activity) -> str:
    """An activity as it is written in Python; empty if it holds more than numbers and names."""
    given = {name: getattr(activity, name) for name in ("name", "cost", "effect", "worth", "limit")}
    known = {name: value for name, value in given.items() if value is not None}
    parts = [value for value in known.values() for value in (value if isinstance(value, tuple) else (value,))]
    if not all(isinstance(part, int | float | str) for part in parts):
        return ""
    texts = {name: _numbers(value) if isinstance(value, tuple) else _literal(value) for name, value in known.items()}
    return f"clv.Activity({', '.join(f'{name}={text}' for name, text in texts.items())})"


def _numbers(values: tuple[float, ...]) -> str:
    return f"({', '.join(_literal(value) for value in values)})"


def _columns(activities: Sequence[Activity]) -> str:
    """The values, with the summary of the customers where an activity names a column of it."""
    named = {amount for one in activities for amount in (one.cost, one.effect, one.worth) if isinstance(amount, str)}
    summary = [name for name in SUMMARY if name in named]
    return f"value.assign(**forecast.known.table[{_literal(summary)}])" if summary else "value"


def _head() -> list[str]:
    """The import, and an empty line."""
    from clvmodels.version import __version__

    return [f"import clvmodels as clv  # version {__version__}", ""]


def _reading(request: LogRequest) -> dict[str, Any]:
    """How the log is read, as arguments of `clvmodels.summarize`."""
    log = request.log
    columns = {"customer": log.customer, "date": log.date, "amount": log.amount, "order": log.order}
    time = {"unit": request.unit, "observation_end": request.observation_end}
    lines = {"refunds": log.refunds, "timezone": log.timezone, "skip": log.skip, "amount_per": log.amount_per}
    file = {"header": None if log.header else False, "sheet": log.sheet, "query": log.query}
    forms = {"date_format": log.date_format, "decimal": log.decimal}
    forms |= {"duplicates": log.duplicates} if log.duplicates != "keep" else {}
    rates = {} if log.rates is None else {"rates": dict(log.rates)}
    return {**columns, **time, **lines, **file, **forms, **rates}


def _value(has_spend: bool, options: ReportOptions) -> str:
    """From the forecast to the value of every customer; without spend only what needs none."""
    arguments: dict[str, Any] = {"annual_discount_rate": options.annual_discount_rate}
    if has_spend:
        arguments |= _earned(options)
    return _call("value = forecast.lifetime_value", [], arguments)


def _earned(options: ReportOptions) -> dict[str, Any]:
    """Margin, and what is taken off it."""
    margin = options.margin if isinstance(options.margin, int | float) else _Name("margin")
    if options.costs is None or not options.takes_off_orders:
        return {"margin": margin}
    share, order = options.costs.share_of_revenue, options.costs.per_order
    kept = _Name(f"{margin} - {share}") if share else margin
    return {"margin": kept, "cost_per_purchase": order if isinstance(order, int | float) else _Name("costs.per_order")}


class _Name(str):
    """A text that is printed without quotes."""


def _log(data: Any) -> tuple[str, list[str]]:
    """How the log is written in a call, and the lines before it."""
    if isinstance(data, str | os.PathLike):
        return _literal(without_passwords(os.fspath(data))), []
    if isinstance(data, list | tuple) and all(isinstance(part, str | os.PathLike) for part in data):
        return _literal([os.fspath(part) for part in data]), []
    return "log", ["# log: the transactions, as they were passed to clv.report"]


def _call(function: str, positional: list[str], arguments: Mapping[str, Any]) -> str:
    """A call with an argument a line, without those that are None."""
    given = [f"{name}={_literal(value)}" for name, value in arguments.items() if value is not None]
    return "\n".join([f"{function}(", *[f"    {part}," for part in [*positional, *given]], ")"])


def _literal(value: object) -> str:
    """A value as it is written in Python."""
    if isinstance(value, _Name):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float):
        return repr(float(value))  # of NumPy too
    return repr(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)
