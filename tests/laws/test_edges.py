"""Data that say little: every purchase model fits with a warning or fits well, and its predictions are numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.errors import IdentificationWarning

MODELS = [name for name in models.names() if models.get(name).KIND == "purchases"]
TABLES = {
    "one-time buyers": [(0, 0.0, float(T)) for T in range(1, 31)],
    "the same customer": [(3, 20.0, 30.0)] * 40,
    "one customer": [(2, 10.0, 30.0)],
    "still buying": [(k, 30.0, 30.0) for k in range(1, 25)] * 10,
    "years and a heavy buyer": [(0, 0.0, 1.0), (1, 1.0, 1000.0), (900, 950.0, 1000.0), (2, 400.0, 1000.0)],
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("table", TABLES)
def test_predictions_are_finite_and_not_negative(name: str, table: str) -> None:
    frame = pd.DataFrame(TABLES[table], columns=["frequency", "recency", "T"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IdentificationWarning)
        fit = clv.fit(clv.Customers.from_frame(frame, unit="week"), name)
    for values in (
        fit.probability_alive(),
        fit.survival("1Y"),
        fit.expected_purchases("1Y"),
        fit.expected_purchases("1Y", start="10Y"),
        fit.purchase_probability("1Y"),
        fit.purchases_pmf([0, 1, 7], "1Y"),
        fit.discounted_expected_purchases(0.1),
        fit.discounted_time_alive(0.1),
        fit.expected_purchases(1.0, "new"),
    ):
        assert np.isfinite(np.asarray(values)).all()
        assert (np.asarray(values) >= 0.0).all()
