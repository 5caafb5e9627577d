"""Model files that are damaged, foreign or made to harm: a sentence, and soon."""

from __future__ import annotations

import contextlib
import copy
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clvmodels as clv
from clvmodels.errors import ClvError, FileFormatError

SECONDS = 2.0  # a file of any kind is refused within
HOSTILE = (
    None, True, -1, 0, 10**18, 1e308, -1e-308, 0.5, "", "x", "x" * 30_000,
    "I(9**9**9**9)", "*".join(f"x{i}" for i in range(20)),
    "__import__('os').system('true')", [], [[]], [1, "a"], {}, {"a": {"b": []}},
    "nan", "0000-01-01", "bg/nbd", "mbg/cnbd-99999",
)  # fmt: skip


def _customers() -> clv.Customers:
    rng, path = np.random.default_rng(1), clv.datasets.path("cdnow_sample")
    customers = clv.summarize(
        path, customer="customer_id", date="date", amount="amount", unit="week", observation_end="1997-09-30",
        keep_purchases=True,
    )  # fmt: skip
    n = len(customers)
    columns = {"channel": rng.choice(["shop", "web", "phone"], n), "age": rng.normal(size=n)}
    return customers.join(pd.DataFrame(columns, index=customers.table.index))


def _varying(customers: clv.Customers) -> clv.Fit:
    weeks = pd.date_range("1996-12-29", "1998-06-30", freq="7D")
    table = pd.DataFrame({"date": weeks, "season": (np.arange(len(weeks)) % 8 < 3).astype(int)})
    return clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="season", varying=table))


def _subscriptions() -> clv.Subscriptions:
    return clv.Subscriptions.from_survival([1000, 869, 743, 653, 593, 551], unit="year")


KINDS: dict[str, Callable[[clv.Customers], clv.Fit]] = {
    "plain": lambda customers: clv.fit(customers, "bg/nbd"),
    "covariates": lambda customers: clv.fit(
        customers, "bg/nbd", covariates=clv.Covariates(purchase="channel + poly(age, 2)", dropout="age")
    ),
    "groups": lambda customers: clv.fit(
        customers, "bg/nbd", method="nuts", group="channel", draws=50, chains=2, progress=False
    ),
    "varying": _varying,
    "spend": lambda customers: clv.fit(customers, "gamma-gamma", priors={"p": ("gamma", 5.0, 3.0)}),
    "renewals": lambda customers: clv.fit(_subscriptions(), "sbg"),
    "laplace": lambda customers: clv.fit(customers, "pareto/nbd", method="laplace", draws=100),
}


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    return _customers()


@pytest.fixture(scope="module", params=list(KINDS))
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, customers: clv.Customers) -> Path:
    """A model file of each kind, in a folder of its own."""
    path = tmp_path_factory.mktemp(request.param) / "model.json"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # these covariates tell nothing
        KINDS[request.param](customers).save(path)
    return path


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    for key, item in items:
        yield (*path, key)
        yield from _places(item, (*path, key))


def _changed(content: Any, path: tuple[Any, ...], value: Any, how: str) -> Any:
    content = copy.deepcopy(content)
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    if how == "delete":
        del inner[path[-1]]
    elif how == "rename" and isinstance(inner, dict):
        inner[str(value)[:40]] = inner.pop(path[-1])
    else:
        inner[path[-1]] = value
    return content


def _loads_or_says_why(path: Path, customers: clv.Customers) -> None:
    begin = time.process_time()
    fit: Any = None
    with contextlib.suppress(ClvError):
        fit = clv.load(path)
    assert time.process_time() - begin < SECONDS
    if fit is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _asked(fit, customers)
    except ClvError:
        return
    assert np.isfinite(np.asarray(found, dtype=float)).all()


def _asked(fit: Any, customers: clv.Customers) -> Any:
    assert isinstance(repr(fit), str)
    if fit.kind == "subscriptions":
        return fit.survival_curve(5)
    few = clv.Customers(customers.table.iloc[:20], customers.unit)
    return fit.expected_spend(few) if fit.kind == "spend" else fit.expected_purchases(4, few)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_files_load_or_are_refused(file, customers, data) -> None:
    text = file.read_text()
    content = json.loads(text)
    path = file.with_name("changed.json")
    if data.draw(st.integers(0, 9)) == 0:
        path.write_text(text[: data.draw(st.integers(0, len(text)))])
    else:
        for _ in range(data.draw(st.integers(1, 2))):
            place = data.draw(st.sampled_from(list(_places(content))))
            how = data.draw(st.sampled_from(["set", "set", "set", "delete", "rename"]))
            content = _changed(content, place, data.draw(st.sampled_from(HOSTILE)), how)
        path.write_text(json.dumps(content))
    _loads_or_says_why(path, customers)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cut short"),
        ("\x00\x01", "cut short"),
        ("[" * 100_000, "nested too deeply"),
        ('{"format": "clvmodels fit", "version": 1, "fits": ' + "[" * 50 + "]" * 50 + "}", "nested too deeply"),
        ('{"format": "clvmodels fit", "version": 1e400, "fits": []}', "no number"),
        ('{"format": "clvmodels fit", "version": ' + "9" * 5_000 + "}", "no number"),
        ('{"format": "clvmodels fit", "version": NaN}', "no number"),
        ('{"format": "clvmodels fit", "version": 1}', "no fits"),
        ('{"format": "clvmodels fit", "version": 1, "fits": []}', "no fits"),
        ('{"format": "clvmodels fit", "version": 1, "fits": [3]}', "no fits"),
        ('{"format": "clvmodels fit", "version": 2, "fits": []}', "Upgrade"),
        ('{"format": "clvmodels fit", "version": 1, "fits": [{}]}', "'unit' is missing"),
        ('{"format": "' + "x" * 50_000 + '"}', "50,000 characters"),
        ('{"format": "other"}', "not a model file"),
        ("[1, 2]", "not a model file"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    begin = time.process_time()
    with pytest.raises(FileFormatError, match=words):
        clv.load(path)
    assert time.process_time() - begin < SECONDS


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="can't be read"):
        clv.load(tmp_path)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(FileFormatError, match="not a model file"):
        clv.load(tmp_path / "binary.json")
