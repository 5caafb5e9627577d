"""Every model of the registry has its row of parameters, with all that the tests of its kind need."""

from __future__ import annotations

import re

import pytest

from clvmodels import models
from tests.reference.parameters import PARAMETERS, PURCHASES, SPEND, Row


@pytest.mark.parametrize("name", models.names())
def test_every_model_has_a_row_of_parameters(name: str) -> None:
    rows = {member: row for member, row in PARAMETERS.items() if re.sub(r"-\d+$", "-k", member) == name}
    assert rows, f"{name} has no row in tests/reference/parameters.py"
    needed = {"log_likelihood", "recovery"}
    needed |= set() if name in SPEND else {"laws"}
    needed |= {"derivatives"} if name in SPEND or rows.keys() & PURCHASES else set()
    needed |= {"covariates"} if rows.keys() & PURCHASES and models.get(name).spec.covariates else set()
    missing = [field for field in sorted(needed) if not any(getattr(row, field) for row in rows.values())]
    assert not missing, f"the row of {name} in tests/reference/parameters.py needs {', '.join(missing)}"


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_row_names_the_parameters_of_its_model(name: str) -> None:
    row: Row = PARAMETERS[name]
    for values in (*row.laws, row.recovery, row.covariates):
        assert values is None or list(values) == row.parameters
    assert all(len(values) == len(row.parameters) for values in row.derivatives)
    assert models.get(name).diagnose(**(row.recovery or row.covariates or {})) == []
