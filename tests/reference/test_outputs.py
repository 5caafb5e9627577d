"""The package says what it said when ``outputs.json`` was written: no number moves without its being meant."""

import json
import warnings

import pytest

from tests.reference.outputs import FILE, OUTPUTS

# Optima are found to 1e-7 of a standard error, and draws follow them: processors round in different ways.
POINT = 1e-6

EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))


def check(found, expected, where):
    if isinstance(expected, dict):
        assert list(found) == list(expected), where
        for name, part in expected.items():
            check(found[name], part, f"{where} / {name}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], str):
        assert list(found) == expected, where
    elif isinstance(expected, list):
        assert found == pytest.approx(expected, rel=POINT, abs=1e-9, nan_ok=True), where
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=POINT, nan_ok=True), where
    else:
        assert found == expected, where


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_those_written(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(json.loads(json.dumps(OUTPUTS[name]())), EXPECTED[name], name)
