"""The package says what it said when ``outputs.json`` was written: no number moves without its being meant."""

import json
import re
import warnings

import pytest

from tests.reference.outputs import FILE, OUTPUTS
from tests.reference.tolerances import ABSOLUTE_PREDICTION

# Optima are found to 1e-7 of a standard error, and draws follow them: processors round in different ways.
POINT = 1e-6
# What is simulated takes its seed from the last digits of the parameters, so that it moves with them: 1,000 draws of
# 2,357 customers leave their sums and quantiles within this.
SIMULATED = 0.1
# The report rounds to three figures, and its ranges are simulated (400 futures).
SHOWN = 0.03
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")

EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))


def check(found, expected, where):
    if isinstance(expected, dict):
        assert list(found) == list(expected), where
        for name, part in expected.items():
            check(found[name], part, f"{where} / {name}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], str):
        check_lines(found, expected, where)
    elif isinstance(expected, list) and ("simulated" in where or "predictive" in where):
        ends = slice(0, 4)  # the sum and the quantiles of a column; further on are single customers
        # as SIMULATED, for sums near 0
        assert found[ends] == pytest.approx(expected[ends], rel=SIMULATED, abs=10.0), where
    elif isinstance(expected, list):
        assert found == pytest.approx(expected, rel=POINT, abs=ABSOLUTE_PREDICTION, nan_ok=True), where
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=POINT, nan_ok=True), where
    else:
        assert found == expected, where


def check_lines(found, expected, where):
    """The same words, and numbers that are the same as far as they are shown."""
    assert [NUMBER.sub("#", line) for line in found] == [NUMBER.sub("#", line) for line in expected], where
    for line, before in zip(found, expected, strict=True):
        numbers, then = ([float(one.replace(",", "")) for one in NUMBER.findall(text)] for text in (line, before))
        # as SHOWN, for numbers near 0
        assert numbers == pytest.approx(then, rel=SHOWN, abs=0.02), (where, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_those_written(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(json.loads(json.dumps(OUTPUTS[name]())), EXPECTED[name], name)
