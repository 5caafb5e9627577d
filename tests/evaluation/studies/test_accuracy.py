"""The claims of accuracy: CDNOW and Online Retail II, several origins each."""

from __future__ import annotations

import pytest

from clvmodels.evaluation.studies import accuracy
from tests.reference.tolerances import printed

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")]


@pytest.fixture(scope="module")
def results():
    return dict(accuracy.run(["bg/nbd", "mbg/nbd", "best"]))


def test_there_are_three_origins_a_log(results):
    names = [name.split(",")[0] for name in results]
    assert names.count("CDNOW") == 6  # three with 39 weeks ahead, three with 26
    assert names.count("Online Retail II") == 3


def test_best_is_at_least_as_good_as_every_baseline_everywhere(results):
    behind = {
        (name, metric): (table.loc["best", metric], naive.max())
        for name, one in results.items()
        for metric in ("spearman", "top_capture")
        if (table := one.table) is not None
        and table.loc["best", metric] < (naive := table.loc[table["kind"] == "baseline", metric]).max()
    }
    assert not behind


def test_cdnow_reaches_what_bgnbd_and_gamma_gamma_reach_fitted_well(results):
    row = results["CDNOW, 1997-09-30 + 39 weeks"].table.loc["bg/nbd"]
    assert row["count_bias"] == pytest.approx(-0.14, abs=printed(2))
    assert row["spearman"] == pytest.approx(0.421, abs=printed(3))
    assert row["top_capture"] >= 0.683


def test_online_retail_reaches_what_bgnbd_and_gamma_gamma_reach_fitted_well(results):
    row = results["Online Retail II, 2011-06-09 + 26 weeks"].table.loc["bg/nbd"]
    assert abs(row["count_bias"]) < 0.02
    assert row["spearman"] >= 0.622
    assert row["top_capture"] >= 0.763
