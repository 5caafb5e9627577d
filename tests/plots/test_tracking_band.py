"""The band of the tracking plot."""

from __future__ import annotations

import numpy as np
import pytest

import clvmodels as clv


def test_band_holds_the_expectation_and_the_chance_of_a_week(cdnow_bgnbd: clv.Fit) -> None:
    log = clv.datasets.load_cdnow(sample=True)
    table = clv.plots.tracking_table(cdnow_bgnbd, log, customer="customer_id", date="date", interval=0.90)
    for which in ("", "_cumulative"):
        lower, expected, upper = (table[f"{side}{which}"].iloc[1:] for side in ("lower", "expected", "upper"))
        assert ((lower < expected) & (expected < upper)).all()
    # the chance of a week is Poisson's, 1.645 sd either way; the uncertainty of the parameters comes on top
    width = (table["upper"] - table["lower"]) / np.sqrt(table["expected"])
    assert width.iloc[5:].between(2 * 1.645 * 0.9, 2 * 1.645 * 1.8).all()
    with pytest.raises(clv.errors.ArgumentError, match="interval"):
        clv.plots.tracking_table(cdnow_bgnbd, log, customer="customer_id", date="date", interval=90)
