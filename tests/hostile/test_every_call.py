"""Hostile values of every argument of every public function: an answer, or a ClvError with a sentence; nothing else."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clvmodels.errors import ClvError, ClvWarning, UnsupportedPrediction
from tests.hostile.business import Business
from tests.hostile.calls import Call, calls, names

HOSTILE: tuple[Any, ...] = (
    None, np.nan, np.inf, -1, 0, 1e308, 10**18, "", "nonsense", "0000-01-01", [], {}, object(),
)  # fmt: skip
# A call that is accepted takes seconds: values that no parameter accepts, and no call that works.
SLOW, REFUSED_BY_ALL = (
    {"report", "backtest", "evaluate", "score", "forecast", "plots.tracking", "plots.tracking_table"},
    (np.nan, object()),
)
SECONDS = 10.0  # of computing, for what takes 2 at most on a quiet machine


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Business:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)  # few customers tell little
        return Business(tmp_path_factory.mktemp("business"))


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(tmp_path, monkeypatch) -> Iterator[None]:
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)  # what is named by a hostile path is written here
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    plt.close("all")


def _values(it: Business, call: Call, name: str) -> list[Any]:
    """Values that the parameter does not have by itself, with tables of another kind where a table may stand."""
    if call.name in SLOW:
        return list(REFUSED_BY_ALL)
    one = call.parameters[name]
    tables = [pd.DataFrame(), it.value, pd.concat([it.value, it.value], axis=1)]
    of_tables = not any(kind in str(one.annotation) for kind in ("str", "int", "float", "bool")) or "Data" in str(
        one.annotation
    )
    every = [*HOSTILE, *(tables if of_tables else tables[:1])]
    return [value for value in every if value is not one.default and not _is(value, one.default)]


def _is(value: Any, default: Any) -> bool:
    return isinstance(value, str | int | float) and type(value) is type(default) and value == default


def _missing(result: Any) -> set[str]:
    """The columns in which values are missing."""
    if isinstance(result, pd.DataFrame):
        return {str(name) for name, one in zip(result.columns, result.isna().any(), strict=True) if one}
    if isinstance(result, pd.Series | float) or (isinstance(result, np.ndarray) and result.dtype.kind == "f"):
        return {"value"} if np.any(pd.isna(result)) else set()
    return set()


def _wrong(call: Call, name: str, value: Any, known: set[str]) -> str | None:
    begin = time.process_time()
    try:
        found = _missing(call(**{name: value})) - known
    except ClvError as error:
        found = set() if 15 < len(str(error)) < 2_000 else {f"says {error}"[:200]}
    except Exception as error:  # exactly what no call may raise
        found = {f"{type(error).__name__} {error}"[:200]}
    if time.process_time() - begin > SECONDS:
        found = {"takes too long"}
    return f"{name}={value!r:.40}: {found}" if found else None


@pytest.mark.parametrize("name", names())
def test_every_argument(name: str, it: Business) -> None:
    wrong, worked = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClvWarning)
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")  # ArviZ, of few customers
        for call in calls(name, it):
            try:
                known = set() if name in SLOW else _missing(call())
            except UnsupportedPrediction:  # another kind of fit answers
                continue
            worked += 1
            for parameter in call.parameters:
                wrong += [_wrong(call, parameter, value, known) for value in _values(it, call, parameter)]
    assert worked
    assert [one for one in wrong if one] == []
