"""Plots take what is at hand: an evaluation, the id of a customer, subscriptions."""

import matplotlib.pyplot as plt
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError

CDNOW = {"customer": "customer_id", "date": "date", "amount": "amount"}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _title(ax) -> str:
    return " ".join(ax.get_title(loc="left").split())


def test_the_id_of_a_customer_stands_for_the_dates():
    log = clv.datasets.load_cdnow(sample=True)
    kept = clv.summarize(log, **CDNOW, observation_end="1997-09-30", keep_purchases=True)
    fit, dates = clv.fit(kept, "bg/nbd"), log.loc[log["customer_id"] == 1, "date"]
    assert clv.plots.customer_history_table(fit, 1).equals(clv.plots.customer_history_table(fit, dates))
    assert _title(clv.plots.customer_history(fit, 1)).startswith("3 purchases, the last 59 days ago")
    with pytest.raises(DataError, match="no customer 'C-7' among"):
        clv.plots.customer_history(fit, "C-7")
    without = clv.fit(clv.summarize(log, **CDNOW, observation_end="1997-09-30"), "bg/nbd")
    with pytest.raises(ArgumentError, match="keep_purchases=True"):
        clv.plots.customer_history(without, 1)


def test_subscriptions_are_drawn_as_observed():
    subscriptions = clv.Subscriptions.from_survival([1000, 631, 468], unit="year")
    ax = clv.plots.retention(subscriptions)
    assert _title(ax) == "Of 100 customers, 47 are left after 2 years"
    assert ax.get_lines()[0].get_ydata().tolist() == [1.0, 0.631, 0.468]
    assert (
        _title(clv.plots.retention(subscriptions, rates=True))
        == "Retention rises from 63 % in year 1 to 74 % in year 2"
    )


def test_of_an_evaluation_the_values_of_the_first_model_are_drawn():
    found = clv.evaluate(
        clv.datasets.path("cdnow_sample"), **CDNOW, calibration_end="1997-09-30", models="bg/nbd", currency="USD",
        baselines=False, intervals=False,
    )  # fmt: skip
    ax = clv.plots.deciles(found)
    table = clv.plots.decile_table(found.predictions["bg/nbd", "value"], found.outcome["value"])
    assert ax.get_lines()[0].get_ydata().tolist() == table["predicted"].tolist()
    assert "[USD]" in ax.get_ylabel()
