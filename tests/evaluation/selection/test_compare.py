"""compare: criteria, likelihood-ratio and Vuong tests, and the sentence that recommends."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.metrics import spearman
from clvmodels.evaluation.selection.pair_tests import log_likelihood_ratio, vuong
from clvmodels.transactions.customers import Customers
from tests.reference.tolerances import SEARCHED_LIKELIHOOD, STANDARD_ERRORS, SUMMATION, printed

NAMES = ["bg/nbd", "mbg/nbd", "nbd"]


@pytest.fixture(scope="module")
def comparison(cdnow: Customers) -> clv.Comparison:
    return clv.compare(cdnow, NAMES)


def test_cdnow_prefers_dropout_and_cannot_tell_where_it_begins(comparison: clv.Comparison) -> None:
    """BG/NBD -9582.4, MBG/NBD -9582.14, NBD -9763.7: METHODS' published fits."""
    assert list(comparison.table.index) == ["mbg/nbd", "bg/nbd", "nbd"]
    assert comparison.table["log_likelihood"].to_numpy() == pytest.approx([-9582.14, -9582.4, -9763.7], abs=printed(1))
    assert comparison.recommended == "mbg/nbd"
    assert "Vuong's test can't tell it apart from BG/NBD (p = 0.94): let a holdout decide." in comparison.recommendation
    assert "The likelihood-ratio test prefers it to NBD (p < 0.0001)." in comparison.recommendation


def test_table_holds_what_the_fits_say(comparison: clv.Comparison) -> None:
    for name, fit in comparison.fits.items():
        row = comparison.table.loc[name]
        assert (row["log_likelihood"], row["aic"], row["bic"]) == (fit.log_likelihood, fit.aic, fit.bic)
        assert row["aic_gap"] == fit.aic - comparison.fits["mbg/nbd"].aic


def test_the_choice_of_k_counts_as_a_parameter(tmp_path) -> None:
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", observation_end="1997-09-30",
        keep_purchases=True,
    )  # fmt: skip
    found = clv.compare(customers, ["bg/nbd", "mbg/cnbd-k"])
    assert found.table["parameters"].to_dict() == {"bg/nbd": 4, "mbg/cnbd-1": 5}
    chosen, named = found.fits["mbg/cnbd-1"], clv.fit(customers, "mbg/cnbd-1")
    assert (chosen.aic - named.aic, chosen.bic - named.bic) == pytest.approx((2.0, np.log(2357)), rel=1e-9)  # two fits
    chosen.save(tmp_path / "model.json")
    assert clv.load(tmp_path / "model.json").aic == chosen.aic


def test_likelihood_ratio_by_hand(comparison: clv.Comparison) -> None:
    full, restricted = comparison.fits["bg/nbd"], comparison.fits["nbd"]
    statistic, df, p = log_likelihood_ratio(full, restricted)
    assert (statistic, df) == (2 * (full.log_likelihood - restricted.log_likelihood), 2)
    assert p == pytest.approx(np.exp(-statistic / 2), rel=1e-12)  # χ² with 2 degrees of freedom is exponential
    row = comparison.tests.set_index(["model", "against"]).loc[("bg/nbd", "nbd")]
    assert (row["test"], row["statistic"], row["better"]) == ("likelihood ratio", statistic, "bg/nbd")
    assert row["note"] == "nbd is bg/nbd at a → 0, where p is conservative"


def test_vuong_by_hand_customer_by_customer(cdnow: Customers, comparison: clv.Comparison) -> None:
    """Without grouping, from each customer's own log-likelihood."""
    table = cdnow.table
    data = tuple(table[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
    one, other = (
        fit.definition.log_likelihood(*data, **fit.parameters)
        for fit in (comparison.fits["mbg/nbd"], comparison.fits["bg/nbd"])
    )
    difference = one - other
    z = np.sqrt(len(table)) * difference.mean() / difference.std()  # as many parameters each: no correction
    row = comparison.tests.set_index(["model", "against"]).loc[("mbg/nbd", "bg/nbd")]
    # a difference of two log-likelihoods over its spread, which loses digits
    assert row["statistic"] == pytest.approx(z, rel=1e-9)
    # as its statistic
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    assert (row["test"], row["better"]) == ("Vuong", "")


def test_vuong_takes_weights_and_parameters_and_knows_equals() -> None:
    rng = np.random.default_rng(1)
    one, other, weight = rng.normal(size=50), rng.normal(size=50), rng.integers(1, 9, 50).astype(float)
    times = weight.astype(int)
    repeated = vuong(np.repeat(one, times), np.repeat(other, times), np.ones(times.sum()), 2)
    assert vuong(one, other, weight, 2) == pytest.approx(repeated, rel=SUMMATION)
    assert vuong(one, other, weight, 2)[0] == pytest.approx(-vuong(other, one, weight, -2)[0], rel=SUMMATION)
    assert vuong(one, one, weight, 2) == (0.0, 1.0)


def test_vuong_is_right_in_one_of_twenty_when_models_are_equally_near() -> None:
    """Two normals as far from the truth on either side: 2,000 samples, 5 % ± 4.5 standard errors."""
    rng = np.random.default_rng(2)
    p = []
    for _ in range(2000):
        y = rng.normal(size=300)
        p.append(vuong(stats.norm.logpdf(y, -0.5), stats.norm.logpdf(y, 0.5), np.ones(300), 0)[1])
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=STANDARD_ERRORS * np.sqrt(0.05 * 0.95 / 2000))


@pytest.mark.slow
def test_likelihood_ratio_of_bdw_and_sbg_is_chi_square_under_sbg() -> None:
    """c = 1 lies inside: 200 samples of 2,000 subscribers, 5 % and 50 % ± 4.5 standard errors."""
    p = []
    sbg = clv.models.get("sbg")
    for seed in range(200):
        n, lost = sbg.simulate(np.random.default_rng(seed), np.full(2000, 8.0), alpha=0.8, beta=2.0)  # type: ignore[attr-defined]
        table = pd.DataFrame({"periods": n.astype(int), "lost": lost == 1, "active": lost == 0, "customers": 1})
        subscriptions = clv.Subscriptions(table.assign(segment="all"), "month")
        p.append(log_likelihood_ratio(clv.fit(subscriptions, "bdw"), clv.fit(subscriptions, "sbg"))[2])
    for level in (0.05, 0.5):
        assert np.mean(np.array(p) < level) == pytest.approx(
            level, abs=STANDARD_ERRORS * np.sqrt(level * (1 - level) / 200)
        )


def test_a_special_case_that_fits_as_well_is_recommended() -> None:
    regular = clv.Subscriptions.from_survival([1000, 631, 468, 382, 326, 289, 262, 241], unit="year")
    comparison = clv.compare(regular)
    assert comparison.recommended == "sbg"
    assert comparison.recommendation == (
        "sBG: lowest AIC 3,364.5 (BdW +0.7). By the likelihood-ratio test nothing is gained by BdW (p = 0.25)."
    )
    high_end = clv.Subscriptions.from_survival([1000, 869, 743, 653, 593, 551, 517, 491], unit="year")
    assert clv.compare(high_end).recommended == "bdw"


def test_a_model_that_is_not_identified_is_not_recommended() -> None:
    """Purchases without dropout: the dropout of BG/NBD goes to 0, and NBD is left."""
    rng = np.random.default_rng(4)
    T = rng.uniform(20.0, 40.0, 800)
    x, t_x = clv.models.get("nbd").simulate(rng, T, r=0.8, alpha=8.0)  # type: ignore[attr-defined]
    frame = pd.DataFrame({"frequency": x.astype(int), "recency": t_x, "T": T})
    comparison = clv.compare(frame, NAMES, unit="week")
    assert comparison.recommended == "nbd"
    assert "not identified by these data" in comparison.recommendation


def test_fits_are_taken_as_they_are(cdnow: Customers, comparison: clv.Comparison) -> None:
    given = comparison.fits["bg/nbd"]
    again = clv.compare(cdnow, [given, "nbd"])
    assert again.fits["bg/nbd"] is given
    assert again.table.loc["bg/nbd", "aic"] == given.aic


def test_result_shows_itself(comparison: clv.Comparison) -> None:
    text, page = repr(comparison), comparison._repr_html_()
    assert text.endswith(comparison.recommendation)
    assert "likelihood ratio" in text
    assert page.count("<table") == 2
    assert "Vuong&#x27;s test can&#x27;t tell" in page
    with pytest.raises(dataclasses.FrozenInstanceError):
        comparison.recommended = "nbd"  # type: ignore[misc]
    alone = clv.compare(comparison.fits["nbd"].customers, "nbd")
    assert len(alone.tests) == 0
    assert alone.recommendation.startswith("NBD: lowest AIC 19,531")


def test_arguments_that_make_no_sense(cdnow: Customers, cdnow_bgnbd: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match="Likelihoods of different data can't be compared: BG/NBD of purchases"):
        clv.compare(cdnow, ["bg/nbd", "gamma-gamma"])
    with pytest.raises(ArgumentError, match="more than once"):
        clv.compare(cdnow, ["bg/nbd", "bg/nbd"])
    with pytest.raises(ArgumentError, match="empty"):
        clv.compare(cdnow, [])
    some = Customers(cdnow.table.iloc[:500], cdnow.unit)
    with pytest.raises(ArgumentError, match="2,357 customers in weeks, these are 500 in weeks"):
        clv.compare(some, [cdnow_bgnbd, "nbd"])
    penalised = clv.fit(cdnow, "bg/nbd", priors={"a": ("gamma", 1, 1)})
    with pytest.raises(ArgumentError, match="needs maximum likelihood"):
        clv.compare(cdnow, [penalised])


def test_all_models_in_continuous_time(cdnow):
    comparison = clv.compare(cdnow)
    assert comparison.table.index[0] == "mbg/nbd"
    assert set(comparison.table.index) | set(comparison.failed) >= {"bg/nbd", "pareto/nbd", "ggom/nbd", "nbd"}
    assert "bg/bb" not in {*comparison.table.index, *comparison.failed}
    with pytest.raises(ArgumentError, match="different data"):
        clv.compare(cdnow, models=["bg/nbd", "bg/bb"])


def test_holdout_errors_when_a_split_is_given() -> None:
    split = clv.holdout_split(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", calibration_end="1997-09-30"
    )
    compared = clv.compare(split, ["bg/nbd", "nbd"])
    expected = clv.fit(split.calibration, "bg/nbd").expected_purchases(split.duration)
    bought = split.table["frequency"]
    row = compared.table.loc["bg/nbd"]
    assert row["holdout_bias"] == pytest.approx(expected.sum() / bought.sum() - 1)
    assert row["holdout_mae"] == pytest.approx((expected - bought).abs().mean())
    assert row["holdout_rmse"] == pytest.approx(((expected - bought) ** 2).mean() ** 0.5)
    assert row["holdout_spearman"] == pytest.approx(spearman(bought, expected))
    # without dropout everybody goes on for ever
    assert compared.table.loc["nbd", "holdout_bias"] > abs(row["holdout_bias"])
    assert "holdout_mae" in repr(compared)


def test_a_model_with_and_without_covariates(cdnow: clv.Customers) -> None:
    early = (cdnow.table["T"] > 33).rename("early").to_frame()
    customers = cdnow.join(early)
    with_early = clv.fit(customers, "bg/nbd", covariates=clv.Covariates(purchase="early"))
    compared = clv.compare(customers, {"plain": "bg/nbd", "with early": with_early, "no dropout": "nbd"})
    assert set(compared.table.index) == {"plain", "with early", "no dropout"}
    tests = compared.tests.set_index(["model", "against"])
    pair = tests.loc[("with early", "plain")]
    assert pair["test"] == "likelihood ratio"
    assert pair["df"] == 1
    assert pair["note"].startswith("plain is with early at purchase: early")
    assert pair["statistic"] == pytest.approx(
        2 * (with_early.log_likelihood - clv.fit(cdnow, "bg/nbd").log_likelihood), abs=SEARCHED_LIKELIHOOD
    )
    assert tests.loc[("with early", "no dropout")]["test"] == "likelihood ratio"
    assert "plain" in compared.recommendation
