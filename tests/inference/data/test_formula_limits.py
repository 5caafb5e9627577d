"""Formulas that are too large, or made to harm, are refused before anything is expanded or computed."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from clvmodels.errors import ArgumentError, ClvError, DataError
from clvmodels.inference.data.formulas import Formula

ROWS = 1_000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS),
            "channel": rng.choice(["shop", "web"], ROWS),
            "city": rng.choice([f"c{i}" for i in range(150)], ROWS),
            "order": [f"o{i}" for i in range(ROWS)],
            "endless": np.where(np.arange(ROWS) == 3, np.inf, 1.0),
        },
        index=pd.RangeIndex(ROWS, name="customer_id"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I(9**9**9**9)", "a power is that of a column"),
        ("I(((9**9)**9)**9)", "a power is that of a column"),
        ("I(a**11)", "a power is that of a column"),
        ("I(a**b)", "a power is that of a column"),
        ("*".join(f"x{i}" for i in range(20)), "more than 200 terms"),
        ("(a + b + channel)**11", "a power of 10 at most"),
        ("a^1000000000000000000000", "a power of 10 at most"),
        ("(" * 200 + "a" + ")" * 200, "200 brackets in one another"),
        ("a" * 5_000, "5,000 characters"),
        ("poly(a, 100000)", "whole numbers up to 30"),
        ("bs(a, df=10**9)", "whole numbers up to 30"),
        ("I(1e400 * a)", "numbers up to 1e"),
        ("I('a' * 10**9)", "no number"),
        ("__import__('os')", "not allowed"),
        ("I(a.real)", "not allowed"),
        ("city:channel:a + city*channel", "columns; 300 are the most"),
        ("a | b", "several parts"),
        ("a ~ b", "two sides"),
        (".", "can't be read"),
        ("a +", "can't be read"),
        ("a\x00b", "can't be read"),
        ("", "names no column"),
    ],
)
def test_what_a_formula_may_not_be(table: pd.DataFrame, text: str, words: str) -> None:
    begin = time.process_time()
    with pytest.raises(ArgumentError, match=words) as caught:
        Formula.learn(text, table)
    assert time.process_time() - begin < 2.0
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "text",
    ["a + channel", "channel * a", "(a + b)**2", "poly(a, 3)", "bs(a, df=5)", "I(a**2)", "scale(a):channel", "city"],
)
def test_what_a_formula_may_be(table: pd.DataFrame, text: str) -> None:
    found = Formula.learn(text, table)
    assert found.matrix(table).shape == (ROWS, len(found.names))
    again = Formula.from_json(found.to_json())
    assert again.names == found.names


@pytest.mark.parametrize("text", ["order", "C(a)", "order:channel", "a + order"])
def test_an_id_is_no_covariate(table: pd.DataFrame, text: str) -> None:
    with pytest.raises(DataError, match="holds 1,000 different values for 1,000 rows, like an id") as caught:
        Formula.learn(text, table)
    assert len(str(caught.value)) < 400


def test_what_is_not_finite_is_named(table: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"'endless' is infinite for 1 customer \(3\)"):
        Formula.learn("a + endless", table)
    with pytest.raises(ClvError, match=r"log\(a\)"):
        Formula.learn("log(a)", table)
    with pytest.raises(ArgumentError, match="stands twice"):
        Formula.learn("a", pd.concat([table, table[["a"]]], axis=1))
