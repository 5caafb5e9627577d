"""Simulated logs: the truth is found again in them, and the same arguments give the same log."""

import math

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import datasets
from clvmodels.datasets import simulated
from clvmodels.errors import ArgumentError

COLUMNS = {"customer": "customer_id", "date": "date", "amount": "amount"}
CHANCE = 5.0  # standard errors: one in a million, for seeds that are fixed


def fitted(log, model, **arguments):
    customers = clv.summarize(log, **COLUMNS, unit="week", observation_end="2024-12-31", keep=["channel"])
    return clv.fit(customers, model, **arguments)


@pytest.fixture(scope="module")
def log():
    return datasets.simulate_log(30_000, channels={"search": 0.8, "friends": 1.2}, seed=5)


def test_the_models_are_found_again_in_the_log(log):
    truth = {"a": 0.793, "b": 2.426, "purchase: channel[T.search]": math.log(0.8 / 1.2)}
    table = fitted(log, "bg/nbd", covariates=clv.Covariates(purchase="channel")).summary()
    found = table.loc[list(truth)]
    assert ((found["estimate"] - pd.Series(truth)).abs() < CHANCE * found["std_error"]).all()
    spend = fitted(log, "gamma-gamma").summary().loc["q"]
    # Two purchases of a day are one of a customer, which makes "p" and "v" a little larger; q is the customers'.
    assert abs(spend["estimate"] - 3.74) < CHANCE * spend["std_error"]


def test_every_customer_is_in_the_log_and_its_lines_are_in_order(log):
    assert log["customer_id"].unique().tolist() == list(range(1, 30_001))
    assert log.groupby("customer_id")["date"].apply(lambda date: date.is_monotonic_increasing).all()
    assert log["date"].between("2023-01-01", "2024-12-31").all()
    assert (log["amount"] >= 0.01).all()
    assert log.groupby("customer_id")["date"].min().is_monotonic_increasing


def test_a_season_moves_purchases_to_its_months_and_adds_none():
    lasting = {"r": 1.0, "alpha": 10.0, "a": 1e-6, "b": 10.0}  # nobody leaves, so that each month is as likely
    given = {"joining": 1, "purchases": lasting, "seed": 2, "start": "2023-01-01", "end": "2023-12-31"}
    flat = datasets.simulate_log(20_000, **given)
    log = datasets.simulate_log(20_000, season={12: 3.0}, **given)
    flat, log = (one[one.duplicated("customer_id")] for one in (flat, log))
    december = (log["date"].dt.month == 12).mean()
    assert december == pytest.approx(31 * 3 / (334 + 31 * 3), abs=0.005)  # of 104,000 purchases
    assert len(log) == pytest.approx(len(flat), rel=0.03)  # two draws of rates that differ by customer


def test_cohorts_buy_less_by_the_trend():
    lasting = {"r": 50.0, "alpha": 500.0, "a": 1e-6, "b": 10.0}
    log = datasets.simulate_log(20_000, purchases=lasting, cohort_trend=-0.5, seed=3)
    joined = log.groupby("customer_id")["date"].min()
    days = (pd.Timestamp("2025-01-01") - joined).dt.days
    rate = (log.groupby("customer_id").size() - 1).groupby(joined.dt.quarter + 4 * (joined.dt.year - 2023)).sum()
    exposure = days.groupby(joined.dt.quarter + 4 * (joined.dt.year - 2023)).sum()
    slope = np.polyfit(np.arange(6) / 4, np.log(rate / exposure)[:6], 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)  # 120,000 purchases in six quarters


def test_referrers_joined_earlier():
    log = datasets.simulate_log(5_000, referred=0.4, seed=4)
    people = log.drop_duplicates("customer_id")
    given = people.dropna(subset="referrer")
    assert len(given) / len(people) == pytest.approx(0.4, abs=0.04)  # 5 standard errors
    assert (given["referrer"] < given["customer_id"]).all()
    assert given["referrer"].isin(people["customer_id"]).all()
    assert people["referrer"].iloc[:1].isna().all()


def test_a_file_holds_the_log_of_the_frame(tmp_path, monkeypatch):
    monkeypatch.setattr(simulated, "_BATCH", 700)
    given = {"channels": {"a": 1.0, "b": 2.0}, "referred": 0.3, "seed": 6}
    frame = datasets.simulate_log(2_000, **given)
    path = datasets.simulate_log(2_000, output=tmp_path / "log.parquet", **given)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame, check_dtype=False)
    assert frame["customer_id"].nunique() == 2_000
    assert [file.name for file in tmp_path.iterdir()] == ["log.parquet"]


def test_one_day_is_enough():
    log = datasets.simulate_log(3, start="2024-02-29", end="2024-02-29", referred=1.0)
    assert (log["date"] == "2024-02-29").all()
    assert log["customer_id"].nunique() == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"customers": 0}, "customers must be"),
        ({"customers": 2.5}, "customers must be"),
        ({"start": "yesterday"}, "start and end must be days"),
        ({"start": None}, "start must be text"),
        ({"end": "2022-12-31"}, "From start to end must be 1 day"),
        ({"joining": 10_000}, "joining must be"),
        ({"purchases": {"s": 1.0}}, "no parameter 's'"),
        ({"purchases": {"r": math.nan}}, r"purchases\['r'\] must be"),
        ({"spend": 5}, "spend must be a dict"),
        ({"season": {13: 1.0}}, "months from 1 to 12"),
        ({"season": dict.fromkeys(range(1, 13), 0.0)}, "no day on which anybody buys"),
        ({"channels": {"a": -1.0}}, "channels must be factors"),
        ({"cohort_trend": math.inf}, "cohort_trend must be"),
        ({"referred": 1.5}, "referred must be"),
        ({"seed": -1}, "seed must be"),
        ({"output": "log.csv"}, "must be a Parquet file"),
    ],
)
def test_arguments_are_refused_in_words(arguments, words):
    with pytest.raises(ArgumentError, match=words):
        datasets.simulate_log(**{"customers": 10} | arguments)
