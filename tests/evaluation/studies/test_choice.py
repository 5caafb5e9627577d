"""The study of "auto" scores its forecast, and counts how often it took a simpler model."""

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluation.studies import choice
from clvmodels.evaluation.studies.forecasts import Origin
from tests.reference.tolerances import SUMMATION


def test_one_origin_of_the_study() -> None:
    log = clv.Log(clv.datasets.load_cdnow(sample=True), customer="customer_id", date="date", amount="amount")
    found = choice.of_origin(Origin("sample", log, pd.Timestamp("1998-03-31"), 91), ("auto", "by-length", "bg/nbd"))
    auto, usual, named = (found[found["model"] == name].iloc[0] for name in ("auto", "by-length", "bg/nbd"))
    assert (auto["chosen"], usual["chosen"], named["chosen"]) == ("by-length", "by-length", "bg/nbd")
    assert auto["log_score"] == pytest.approx(usual["log_score"], rel=SUMMATION)
    assert auto["log_score"] < named["log_score"]
    taken = choice.means(found.assign(chosen=["mbg/nbd", "by-length", "bg/nbd"])).xs("all").droplevel("days")
    assert taken["simpler"].tolist() == [1, 0, 0]
    assert np.isclose(taken.loc["auto", "total"], abs(np.log1p(auto["bias"])), rtol=SUMMATION)
