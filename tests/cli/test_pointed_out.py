"""What is odd about a log comes through wherever one is read: in a shell as a warning, in Python also as a finding."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels
from clvmodels.errors import LogWarning

PROBLEMS = {
    "copies": "exact copies of another one",
    "gap": "There is no line between 2023-07-01 and 2023-08-06",
    "silent end": "60 days before the end of the observation",
    "currencies": "holds 2 currencies (EUR in",
    "early customers": "many had bought before the log began",
}
END = "2024-02-28"
FORECAST = ["--horizon", "13W", "--purchase-model", "bg/nbd"]
COMMANDS = {
    "summarize": [],
    "fit": [],
    "score": FORECAST,
    "forecast": FORECAST,
    "evaluate": ["--calibration-end", "2023-06-30"],
}


def log(*, odd: bool) -> pd.DataFrame:
    """Purchases of 2023, with every problem or none; customers leave sooner or later."""
    rng = np.random.default_rng(5)
    first = np.concatenate([rng.integers(0, 15 if odd else 364, 300), rng.integers(0, 364, 60)])
    rate, stay = rng.gamma(1.5, 0.02, len(first)), rng.exponential(150, len(first))
    lines = []
    for customer, (start, often, lasts) in enumerate(zip(first, rate, stay, strict=True)):
        days = start + np.append(0, np.cumsum(rng.exponential(1 / often, 40)))
        lines += [(customer, int(day)) for day in days[days < min(364, start + lasts)]]
    frame = pd.DataFrame(lines, columns=["customer_id", "day"])
    if odd:
        frame = frame[(frame["day"] <= 181) | (frame["day"] >= 217)]
    frame = frame.drop_duplicates().sort_values(["day", "customer_id"]).reset_index(drop=True)
    frame["date"] = (pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], "D")).dt.strftime("%Y-%m-%d")
    frame["amount"] = (rng.gamma(3, 10, len(frame)) * rng.gamma(4, 0.5, 400)[frame["customer_id"]]).round(2)
    frame["Currency"] = np.where(odd & (frame.index % 3 == 0), "USD", "EUR")
    frame = frame.drop(columns="day")
    return pd.concat([frame, frame.tail(60)]) if odd else frame


def test_a_report_has_them_on_its_page(clv) -> None:
    log(odd=True).to_csv("log.csv", index=False)
    result = clv("report", "log.csv", "--observation-end", END, *FORECAST)
    assert result.exit_code == 0, result.stderr
    page, warned = (" ".join(text.split()) for text in (Path("report.html").read_text(), result.stderr))
    assert all(sentence in page and sentence in warned for sentence in PROBLEMS.values())
    assert warned.count("Warning: Column 'Currency' holds") == 1


def end(odd: bool) -> str:
    return END if odd else "2023-12-31"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_warns_of_every_problem(clv, command: str) -> None:
    for odd in (True, False) if command in ("summarize", "evaluate") else (True,):
        log(odd=odd).to_csv("log.csv", index=False)
        result = clv(command, "log.csv", "--observation-end", end(odd), *COMMANDS[command])
        assert result.exit_code == 0, result.stderr
        warned = [" ".join(part.split()) for part in result.stderr.split("Warning: ")[1:]]
        said = {name: sum(sentence in one for one in warned) for name, sentence in PROBLEMS.items()}
        assert said == dict.fromkeys(PROBLEMS, int(odd)), result.stderr


def whole(odd: bool) -> dict[str, str]:
    return {"customer": "customer_id", "date": "date", "amount": "amount", "observation_end": end(odd)}


FUNCTIONS = {
    "evaluate": lambda odd: clvmodels.evaluate(log(odd=odd), **whole(odd), calibration_end="2023-06-30"),
    "backtest": lambda odd: clvmodels.backtest(
        log(odd=odd), **whole(odd), horizon="26W", origins=["2023-05-31", "2023-06-30"] if not odd else ["2023-08-30"]
    ),
    "forecast": lambda odd: clvmodels.forecast(log(odd=odd), **whole(odd), horizon="13W", model="bg/nbd"),
    "value_per_customer": lambda odd: clvmodels.value_per_customer(log(odd=odd), **whole(odd)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("odd", [True, False])
def test_functions_that_read_a_log_warn(name: str, odd: bool) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FUNCTIONS[name](odd)
    sentences = [str(one.message) for one in caught if issubclass(one.category, LogWarning)]
    said = {problem: sum(sentence in one for one in sentences) for problem, sentence in PROBLEMS.items()}
    expected = dict.fromkeys(PROBLEMS, int(odd))
    assert said == expected


def test_customers_have_them_as_findings() -> None:
    customers = clvmodels.summarize(log(odd=True), **whole(True))
    found = " ".join(finding.sentence for finding in customers.check())
    assert all(sentence in found for sentence in PROBLEMS.values())
