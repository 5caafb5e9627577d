"""The PyTensor reading of every likelihood: the same values and gradients as the jets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clvmodels import models
from clvmodels.inference.posterior.derivatives import jets
from clvmodels.inference.posterior.derivatives.jet import parameter_jets, weighted_total
from tests.laws.test_jets import CASES


@pytest.mark.parametrize("name", CASES)
def test_gradient_of_jets_equals_pytensor(name: str) -> None:
    pytest.importorskip("pymc")
    import pytensor
    import pytensor.tensor as pt

    from clvmodels.inference.posterior import pytensor_namespace

    model: Any = models.get(name)
    rows, names = CASES[name].histories, CASES[name].parameters
    columns = [np.array(column, dtype=float) for column in zip(*rows, strict=True)]
    symbols = [pt.dscalar(name) for name in names]
    value = model.log_likelihood(*columns, **dict(zip(names, symbols, strict=True)), xp=pytensor_namespace).sum()
    with pytensor.config.change_flags(mode="FAST_COMPILE", cxx=""):
        both = pytensor.function(symbols, [value, *pytensor.grad(value, symbols)])
        for point in CASES[name].derivatives:
            at = model.log_likelihood(*columns, **dict(zip(names, parameter_jets(point), strict=True)), xp=jets)
            expected, gradient, _ = weighted_total(at, None, len(names), len(rows))
            found = [float(v) for v in both(*point)]
            # PyTensor has log Γ by differences, which lose digits at large counts
            assert found[0] == pytest.approx(expected, rel=1e-10)
            # PyTensor has log Γ by differences, which lose digits at large counts
            assert found[1:] == pytest.approx(list(gradient), rel=1e-8, abs=1e-9)
