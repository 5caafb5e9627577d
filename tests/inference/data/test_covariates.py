"""Covariates as a user meets them: formulas, effects in words, scoring, files, errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, ConvergenceError, DataError, FileFormatError, UnsupportedPrediction
from clvmodels.inference.data.formulas import Formula
from clvmodels.models.purchases import bgnbd
from tests.reference.covariates import COVARIATES, simulated
from tests.reference.tolerances import PREDICTION, ROUNDING, SEARCH, SUMMATION


@pytest.fixture(scope="module")
def customers() -> clv.Customers:
    return simulated("pareto/nbd", 3000, seed=11)


@pytest.fixture(scope="module")
def fitted(customers: clv.Customers) -> clv.Fit:
    return clv.fit(customers, "pareto/nbd", covariates=COVARIATES)


def test_effects_in_numbers_and_words(fitted: clv.Fit) -> None:
    effects = fitted.effects()
    assert list(effects.index) == ["purchase: channel[T.web]", "purchase: age", "dropout: channel[T.web]"]
    web = effects.loc["purchase: channel[T.web]"]
    assert web["lower"] < 0.5 < web["upper"]
    assert web["factor"] == pytest.approx(np.exp(web["coefficient"]))
    sentence = "{:+.0f} % purchase rate ({:+.0f} % to {:+.0f} %)"
    changes = (100 * (np.exp(web[name]) - 1) for name in ("coefficient", "lower", "upper"))
    assert web["effect"] == sentence.format(*changes)
    assert "dropout rate" in effects["effect"].iloc[-1]


def test_summary_and_criteria_count_coefficients(fitted: clv.Fit) -> None:
    assert list(fitted.summary().index) == [*fitted.definition.spec.parameters, *fitted.effects().index]
    assert fitted.aic == pytest.approx(2 * 7 - 2 * fitted.log_likelihood)
    assert (fitted.summary()["std_error"] > 0).all()
    assert "purchase: age" in repr(fitted)
    assert "purchase: age" in fitted._repr_html_()


def test_more_covariates_are_better_by_likelihood(customers: clv.Customers, fitted: clv.Fit) -> None:
    plain = clv.fit(customers, "pareto/nbd")
    assert fitted.log_likelihood > plain.log_likelihood + 30
    compared = clv.compare(customers, ["pareto/nbd", "nbd"], covariates=COVARIATES)
    assert compared.table.loc["pareto/nbd", "parameters"] == 7
    assert compared.table.loc["nbd", "parameters"] == 4
    assert compared.recommended == "pareto/nbd"


def test_units_of_time_change_nothing(customers: clv.Customers, fitted: clv.Fit) -> None:
    table = customers.table.assign(recency=customers.table["recency"] * 7, T=customers.table["T"] * 7)
    days = clv.Customers.from_frame(table, unit="day", keep=["channel", "age"])
    other = clv.fit(days, "pareto/nbd", covariates=COVARIATES)
    coefficients = fitted.effects()["coefficient"]
    # two searches, of parameters of which some are small beside their errors
    assert other.effects()["coefficient"].to_numpy() == pytest.approx(coefficients.to_numpy(), rel=1e-7)
    # two searches, of parameters of which some are small beside their errors
    assert other.parameters["alpha"] == pytest.approx(7 * fitted.parameters["alpha"], rel=1e-7)
    assert other.expected_purchases("39W", customers).sum() == pytest.approx(
        fitted.expected_purchases("39W").sum(), rel=SEARCH
    )


def test_scale_of_a_column_changes_nothing(customers: clv.Customers, fitted: clv.Fit) -> None:
    table = customers.table.assign(age=customers.table["age"] * 1e4)
    other = clv.fit(
        clv.Customers.from_frame(table, unit="week", keep=["channel", "age"]), "pareto/nbd", covariates=COVARIATES
    )
    assert other.log_likelihood == pytest.approx(fitted.log_likelihood, rel=SUMMATION)
    # standardised and put back: some digits of a small coefficient are lost
    assert 1e4 * other.parameters["purchase: age"] == pytest.approx(fitted.parameters["purchase: age"], rel=1e-6)


def test_one_coefficient_for_both_processes(customers: clv.Customers) -> None:
    both = clv.Covariates(purchase="channel + age", dropout="channel", same=["channel"])
    held = clv.fit(customers, "pareto/nbd", covariates=both)
    assert list(held.effects().index) == ["purchase and dropout: channel[T.web]", "purchase: age"]
    assert "purchase rate and dropout rate" in held.effects()["effect"].iloc[0]
    free = clv.fit(customers, "pareto/nbd", covariates=COVARIATES)
    assert held.log_likelihood < free.log_likelihood
    assert np.isfinite(held.expected_purchases("39W")).all()


def test_penalty_shrinks_and_the_likelihood_is_reported_without(customers: clv.Customers, fitted: clv.Fit) -> None:
    shrunk = clv.fit(
        customers, "pareto/nbd", covariates=clv.Covariates(purchase="channel + age", dropout="channel", penalty=200)
    )
    assert shrunk.method == "map"
    assert (shrunk.effects()["coefficient"].abs() < fitted.effects()["coefficient"].abs()).all()
    assert shrunk.log_likelihood < fitted.log_likelihood
    # the penalised objective is what is at its maximum: its slope in the coefficients is that of the ridge
    sd = customers.table["age"].std(ddof=0)
    free = clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="age"))
    held = clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="age", penalty=200))
    gamma, error = free.parameters["purchase: age"], free.standard_errors["purchase: age"]
    information = 1.0 / error**2
    expected = gamma * information / (information + 200 * sd**2)  # where the likelihood is quadratic
    # a first-order rule: what the ridge takes off, by the curvature without it
    assert held.parameters["purchase: age"] == pytest.approx(expected, rel=0.03)


def test_saved_and_loaded_it_scores_the_same(fitted: clv.Fit, customers: clv.Customers, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    some = clv.Customers.from_frame(customers.table.iloc[:50], unit="week", keep=["channel", "age"])
    assert loaded.expected_purchases("39W", some).to_numpy() == pytest.approx(
        fitted.expected_purchases("39W", some).to_numpy(), rel=ROUNDING
    )
    assert loaded.effects().equals(fitted.effects())
    with pytest.raises(ArgumentError, match="what covariates new customers have"):
        loaded.expected_purchases("39W", "new")


def test_a_file_runs_no_code(fitted: clv.Fit, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    fitted.save(path)
    content = json.loads(path.read_text())
    content["fits"][0]["covariates"]["formulas"]["purchase"]["text"] = "__import__('os').getcwd() + age"
    path.write_text(json.dumps(content))
    with pytest.raises((ArgumentError, FileFormatError)):
        clv.load(path)


def test_laplace_agrees_with_maximum_likelihood(customers: clv.Customers) -> None:
    effect = clv.Covariates(purchase="channel", dropout="channel")
    point = clv.fit(customers, "bg/nbd", covariates=effect).effects()
    drawn = clv.fit(customers, "bg/nbd", covariates=effect, method="laplace", draws=1000).effects()
    # the prior of one standard deviation a unit moves by far less than a standard error
    assert drawn["coefficient"].to_numpy() == pytest.approx(point["coefficient"].to_numpy(), abs=0.03)
    # a skewed posterior: its sd is not that of the curvature at the maximum
    assert drawn["std_error"].to_numpy() == pytest.approx(point["std_error"].to_numpy(), rel=0.15)


def test_nuts_agrees_with_laplace(customers: clv.Customers, tmp_path: Path) -> None:
    effect = clv.Covariates(purchase="channel")
    laplace = clv.fit(customers, "bg/nbd", covariates=effect, method="laplace").effects()
    nuts = clv.fit(customers, "bg/nbd", covariates=effect, method="nuts", draws=700, chains=2, progress=False)
    # both are means of draws, with a Monte Carlo error of some 0.005
    assert nuts.effects()["coefficient"].iloc[0] == pytest.approx(laplace["coefficient"].iloc[0], abs=0.02)
    nuts.save(tmp_path / "posterior.json")
    again = clv.load(tmp_path / "posterior.json")
    assert again.theta == pytest.approx(nuts.theta, rel=SUMMATION)
    assert "purchase: channel[T.web]" in again.posterior["posterior"]
    assert clv.loo(nuts).n_data_points == len(customers)


def test_spend_covariates_are_those_of_repeat_buyers_and_predict_for_all() -> None:
    rng = np.random.default_rng(12)
    bought = simulated("bg/nbd", 1500, seed=12).table
    x, web = bought["frequency"].to_numpy(dtype=float), (bought["channel"] == "web").to_numpy()
    spend = clv.models.get("gamma-gamma")
    m = spend.simulate(rng, np.maximum(x, 1.0), p=6.0, q=4.0, v=15.0 * np.exp(0.4 * web))  # type: ignore[attr-defined]
    table = bought.assign(monetary_value=np.where(x > 0, m, np.nan), spend_frequency=x, web=web)
    base = clv.Customers.from_frame(table, unit="week", keep=["web"])
    fitted = clv.fit(base, "gamma-gamma", covariates=clv.Covariates(spend="web", purchase="web"))
    effect = fitted.effects().iloc[0]
    assert effect["lower"] < 0.4 < effect["upper"]
    assert "mean spend" in effect["effect"]
    expected = fitted.expected_spend()
    none = x == 0
    assert expected[none & web].nunique() == 1
    assert expected[none & web].iloc[0] == pytest.approx(expected[none & ~web].iloc[0] * effect["factor"])
    purchases = clv.fit(base, "bg/nbd")
    value = clv.lifetime_value(purchases, fitted, horizon="1Y", annual_discount_rate=0.1, interval=0.9)
    assert np.isfinite(value.to_numpy(dtype=float)).all()
    assert (value["lifetime_value_lower"] <= value["lifetime_value"] * 1.01).all()
    both = clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="web"))
    with pytest.raises(UnsupportedPrediction, match="both have covariates"):
        clv.lifetime_value(both, fitted, "new", horizon="1Y", annual_discount_rate=0.1)


def test_levels_are_escaped_where_they_are_shown(customers: clv.Customers) -> None:
    kind = customers.table["channel"].replace("web", "web<b>")
    base = clv.Customers.from_frame(customers.table.assign(channel=kind), unit="week", keep=["channel"])
    fitted = clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="channel"))
    shown = fitted._repr_html_()
    assert "channel[T.web&lt;b&gt;]" in shown
    assert "web<b>" not in shown


def test_columns_kept_by_summarize() -> None:
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", unit="week",
        observation_end="1997-09-30", keep=["quantity"],
    )  # fmt: skip
    fitted = clv.fit(customers, "bg/nbd", covariates=clv.Covariates(purchase="log(quantity)"))
    assert list(fitted.effects().index) == ["purchase: log(quantity)"]
    assert fitted.effects()["lower"].iloc[0] > 0.0  # who begins with more discs comes back more often


def test_joined_columns_reach_checks_and_tracking(cdnow: clv.Customers) -> None:
    kind = pd.Series(np.where(cdnow.table["T"] > 33, "early", "late"), index=cdnow.table.index, name="cohort")
    joined = cdnow.join(kind.to_frame())
    fitted = clv.fit(joined, "bg/nbd", covariates=clv.Covariates(purchase="cohort"))
    assert list(fitted.effects().index) == ["purchase: cohort[T.late]"]
    check = clv.posterior_check(fitted)
    assert check["actual"].sum() == len(cdnow)
    # the expectation of each customer since the first purchase, before anything is known but that one of all has come
    log = clv.datasets.path("cdnow_sample")
    tracking = clv.plots.tracking_table(fitted, log, customer="customer_id", date="date", observation_end="1998-06-30")
    ages, counts = np.unique(cdnow.table["T"].to_numpy() + 39.0, return_counts=True)
    expected = 0.0
    for cohort, share in kind.value_counts(normalize=True).items():
        new = fitted.at(cohort=cohort).expected_purchases(ages.tolist(), "new").to_numpy()[0]
        expected += float(share * (new @ counts))
    assert tracking["expected_cumulative"].iloc[-1] == pytest.approx(expected, rel=PREDICTION)


def test_plots_of_histories_want_one_kind_of_customer(fitted: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match=r"fit\.at\(channel=…, age=…\)"):
        clv.plots.history_matrix(fitted, "probability_alive")
    one = fitted.at(channel="web", age=0.0)
    matrix = clv.plots.history_matrix(one, "probability_alive", T=39, max_frequency=3, steps=4)
    assert matrix.shape == (4, 4)


class TestErrors:
    def test_unseen_level(self, fitted: clv.Fit, customers: clv.Customers) -> None:
        table = customers.table.iloc[:9].copy()
        table.iloc[4, table.columns.get_loc("channel")] = "phone"
        others = clv.Customers.from_frame(table, unit="week", keep=["channel", "age"])
        with pytest.raises(
            DataError, match=r"1 customer \(4\) holds 'phone', which the fit has not seen.*'shop', 'web'"
        ):
            fitted.expected_purchases("39W", others)

    def test_missing_value(self, customers: clv.Customers) -> None:
        table = customers.table.copy()
        table.iloc[[3, 5], table.columns.get_loc("age")] = np.nan
        others = clv.Customers.from_frame(table, unit="week", keep=["channel", "age"])
        with pytest.raises(DataError, match=r"'age' has no value for 2 customers \(3, 5\)"):
            clv.fit(others, "pareto/nbd", covariates=COVARIATES)

    def test_missing_column(self, cdnow: clv.Customers) -> None:
        with pytest.raises(ArgumentError, match=r"column 'channel' not found.*keep=\['channel'\]"):
            clv.fit(cdnow, "bg/nbd", covariates=clv.Covariates(purchase="channel"))

    @pytest.mark.parametrize(
        ("formula", "words"),
        [
            ("channel +", "can't be read"),
            ("age ~ channel", "two sides"),
            ("0 + channel", "leave out 0 and -1"),
            ("np.sqrt(age)", "not allowed"),
            ("age.__class__", "not found|not allowed"),
            ("(lambda: 1)()", "not found|not allowed|can't be read"),
            ("1", "names no column"),
        ],
    )
    def test_formula(self, customers: clv.Customers, formula: str, words: str) -> None:
        with pytest.raises(ArgumentError, match=words):
            clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase=formula))

    def test_columns_that_tell_nothing(self, customers: clv.Customers) -> None:
        table = customers.table.assign(one=1.0, twice=2 * customers.table["age"], year=2015.0 + customers.table["age"])
        base = clv.Customers.from_frame(table, unit="week", keep=["age", "one", "twice", "year"])
        with pytest.raises(DataError, match="'one' of purchase is the same for all"):
            clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="one"))
        with pytest.raises(DataError, match="age, twice of purchase tell the same"):
            clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="age + twice"))
        with pytest.raises(ArgumentError, match=r"scale\(year\)"):
            clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="year"))
        assert clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="center(year)")).converged

    def test_process_that_the_model_has_not(self, customers: clv.Customers) -> None:
        with pytest.raises(ArgumentError, match=r"NBD takes covariates of purchase="):
            clv.fit(customers, "nbd", covariates=clv.Covariates(dropout="channel"))
        with pytest.raises(ArgumentError, match="need a formula"):
            clv.Covariates()
        with pytest.raises(ArgumentError, match="penalty must be 0 or more"):
            clv.Covariates(purchase="age", penalty=-1)
        with pytest.raises(ArgumentError, match="no covariate of dropout"):
            clv.fit(customers, "bg/nbd", covariates=clv.Covariates(purchase="age", dropout="channel", same=["age"]))

    def test_effects_of_a_fit_without_covariates(self, cdnow_bgnbd: clv.Fit) -> None:
        with pytest.raises(UnsupportedPrediction, match="no covariates"):
            cdnow_bgnbd.effects()
        with pytest.raises(UnsupportedPrediction, match="no covariates"):
            cdnow_bgnbd.at(channel="web")


def _same_dropout(seed: int, n: int = 2000) -> clv.Customers:
    """Customers who differ in their dropout by channel alone, so that a + b has no maximum in half of all samples."""
    rng = np.random.default_rng(seed)
    web = rng.random(n) < 0.5
    T = np.full(n, 52.0)
    rate = rng.gamma(0.8, 0.3, n)
    x, t_x = bgnbd.simulate_until_lost(rng, T, rate, np.where(web, 0.1, 0.3), np.arange(n))
    table = pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "channel": np.where(web, "web", "shop")})
    return clv.Customers.from_frame(table, unit="week", keep=["channel"])


def test_ridge_of_dropout_is_explained_and_not_returned() -> None:
    refused, kept = [], []
    for seed in range(8):
        base = _same_dropout(seed)
        try:
            fitted = clv.fit(base, "bg/nbd", covariates=clv.Covariates(dropout="channel"))
        except ConvergenceError as error:
            refused.append(str(error))
        else:
            kept.append(fitted)
    assert refused  # in some samples customers seem to differ a little, in others not at all
    assert kept
    for message in refused:
        assert "a and b can grow together without bound" in message
        assert "penalty=1" in message
    for fitted in kept:
        assert fitted.parameters["a"] + fitted.parameters["b"] < 1e3
        assert fitted.standard_errors["a"] / fitted.parameters["a"] < 3.0


def test_group_without_repeat_buyers_is_named() -> None:
    rng = np.random.default_rng(13)
    customers = simulated("bg/nbd", 500, seed=13)
    table = customers.table.assign(group=rng.choice(["a", "b"], 500))
    table.loc[table["group"] == "b", ["frequency", "recency"]] = 0
    base = clv.Customers.from_frame(table, unit="week", keep=["group"])
    with pytest.raises(ConvergenceError, match=r"effect of 'purchase: group\[T.b\]' is not identified"):
        clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="group"))
    held = clv.fit(base, "bg/nbd", covariates=clv.Covariates(purchase="group", penalty=1))
    assert held.parameters["purchase: group[T.b]"] < -1.0


@pytest.mark.parametrize(
    "text",
    [
        "channel",
        "channel * age",
        "scale(age) + C(n)",
        "bs(age, df=4)",
        "poly(n, 2)",
        "center(age):channel",
        "`first order`",
    ],
)
def test_a_formula_survives_its_file(text: str) -> None:
    rng = np.random.default_rng(14)
    table = pd.DataFrame(
        {
            "channel": rng.choice(["a", "b", "c"], 90), "age": rng.uniform(20, 60, 90),
            "n": rng.integers(1, 5, 90), "first order": rng.random(90),
        }
    )  # fmt: skip
    learned = Formula.learn(text, table)
    again = Formula(**json.loads(json.dumps(learned.to_json())))
    assert again.names == learned.names
    rows = table.iloc[[7, 3]]  # other rows alone: nothing is learned from them
    assert again.matrix(rows) == pytest.approx(learned.matrix(table)[[7, 3]], rel=ROUNDING)


def test_levels_that_nobody_has_are_left_aside(customers: clv.Customers, fitted: clv.Fit) -> None:
    table = customers.table
    channel = pd.Categorical(table["channel"], categories=["none", *sorted(set(table["channel"])), "never"])
    unused = customers.join(pd.DataFrame({"medium": channel}, index=table.index))
    renamed = clv.Covariates(purchase="medium + age", dropout="medium")
    found = clv.fit(unused, "pareto/nbd", covariates=renamed)
    assert found.log_likelihood == pytest.approx(fitted.log_likelihood, rel=SEARCH)
    assert [name.replace("medium", "channel") for name in found.effects().index] == list(fitted.effects().index)
