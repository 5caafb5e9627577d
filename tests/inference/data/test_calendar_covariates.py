"""Covariates that vary in time, as a user meets them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError, UnsupportedPrediction
from tests.reference import day_by_day
from tests.reference.tolerances import FLAT_SEARCH, PREDICTION, SEARCHED_LIKELIHOOD, SUMMATION

TRUTH = {"r": 0.8, "alpha": 9.0, "s": 0.6, "beta": 14.0}
PURCHASE, DROPOUT = {"season[T.high]": 0.6, "campaign": 0.3}, {"season[T.high]": 0.4}
ORIGIN, WEEKS = pd.Timestamp("2020-01-05"), 80
END = ORIGIN + pd.Timedelta(days=399)
COEFFICIENTS = ["purchase: season[T.high]", "purchase: campaign", "dropout: season[T.high]"]


def _table(seed: int) -> pd.DataFrame:
    week = np.arange(WEEKS)
    campaign = (np.random.default_rng(seed).random(WEEKS) < 0.3).astype(int)
    return pd.DataFrame(
        {
            "date": ORIGIN + pd.to_timedelta(7 * week, unit="D"),
            "season": np.where(week % 26 < 8, "high", "base"),
            "campaign": campaign,
        }
    )


def _log(seed: int, n: int, table: pd.DataFrame) -> pd.DataFrame:
    rng, high = np.random.default_rng(seed), (table["season"] == "high").to_numpy()
    purchase, dropout = np.exp(0.6 * high + 0.3 * table["campaign"].to_numpy()), np.exp(0.4 * high)
    first = rng.integers(0, 90, n).astype(float)
    made = day_by_day.simulate(rng, first, np.repeat(purchase, 7), np.repeat(dropout, 7), **TRUTH, days_per_unit=7.0)
    log = day_by_day.log_of(made, str(ORIGIN.date()))
    return log.assign(amount=rng.gamma(6.0, 4.0, len(log)).round(2))


def _customers(log: pd.DataFrame) -> clv.Customers:
    return clv.summarize(
        log[log["date"] <= END],
        customer="customer_id",
        date="date",
        amount="amount",
        unit="week",
        observation_end=END,
        keep_purchases=True,
    )


TABLE = _table(1)
COVARIATES = clv.Covariates(purchase="season + campaign", dropout="season", varying=TABLE)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return _log(2, 800, TABLE)


@pytest.fixture(scope="module")
def customers(log: pd.DataFrame) -> clv.Customers:
    return _customers(log)


@pytest.fixture(scope="module")
def fitted(customers: clv.Customers) -> clv.Fit:
    return clv.fit(customers, "pareto/nbd", covariates=COVARIATES)


def test_effects_are_found(fitted: clv.Fit) -> None:
    effects = fitted.effects(level=0.999)
    assert list(effects.index) == COEFFICIENTS
    truth = [*PURCHASE.values(), *DROPOUT.values()]
    assert ((effects["lower"] < truth) & (truth < effects["upper"])).all()
    assert "purchase rate" in effects.loc["purchase: campaign", "effect"]
    assert fitted.converged
    assert fitted.n_customers == 800


def test_the_season_ahead_is_predicted(log: pd.DataFrame, customers: clv.Customers, fitted: clv.Fit) -> None:
    """The end of the observation is in high season; a model that takes it for the usual expects far too much."""
    ahead = log[(log["date"] > END) & (log["date"] <= END + pd.Timedelta(weeks=20))]
    actual = len(ahead[ahead["customer_id"].isin(customers.table.index)].drop_duplicates(["customer_id", "date"]))
    expected = fitted.expected_purchases("20W").sum()
    chance = np.std([fitted.simulate("20W", seed=seed).sum() for seed in range(40)])
    assert abs(actual - expected) < 4.0 * chance
    static = clv.fit(customers, "pareto/nbd").expected_purchases("20W").sum()
    assert abs(actual - static) > 2.0 * abs(actual - expected)


def test_windows_add_up(fitted: clv.Fit) -> None:
    whole = fitted.expected_purchases("20W")
    parts = fitted.expected_purchases("7W") + fitted.expected_purchases("13W", start="7W")
    np.testing.assert_allclose(parts, whole, rtol=SUMMATION)
    counts = fitted.purchases_pmf(range(60), "10W")
    np.testing.assert_allclose(counts.sum(axis=1), 1.0, atol=1e-6)  # what 60 and more leave
    # what 60 purchases and more leave, times their number
    np.testing.assert_allclose(counts @ np.arange(60.0), fitted.expected_purchases("10W"), atol=1e-4)
    np.testing.assert_allclose(1.0 - counts[0], fitted.purchase_probability("10W"), rtol=PREDICTION)
    alive, later = fitted.probability_alive(), fitted.survival("10W")
    assert ((later > 0) & (later < alive)).all()
    drawn = fitted.simulate("20W", seed=3)
    assert drawn.sum() == pytest.approx(whole.sum(), rel=0.15)  # 800 customers: a standard error of some 4 %


def test_value_and_discounting(customers: clv.Customers, fitted: clv.Fit) -> None:
    spend = clv.fit(customers, "gamma-gamma", priors={"q": ("gamma", 4, 1), "v": ("lognormal", 20, 10)})
    value = clv.lifetime_value(fitted, spend, horizon="20W", annual_discount_rate=0.10)
    each = fitted.discounted_expected_purchases(0.10, "20W") * spend.expected_spend()
    np.testing.assert_allclose(value["lifetime_value"], each, rtol=PREDICTION)
    assert (fitted.discounted_expected_purchases(0.10, "20W") < fitted.expected_purchases("20W")).all()


def test_beyond_the_table_nothing_is_known(fitted: clv.Fit) -> None:
    with pytest.raises(UnsupportedPrediction, match=r"until 2022-.* are known until 2021-07-17.*with_varying"):
        fitted.expected_purchases("1Y")
    with pytest.raises(UnsupportedPrediction, match="for life"):
        fitted.discounted_expected_purchases(0.10)
    held = fitted.with_varying(after="hold")
    within = held.expected_purchases("20W")
    np.testing.assert_allclose(within, fitted.expected_purchases("20W"), rtol=SUMMATION)
    life = held.discounted_expected_purchases(0.10)
    assert (life > held.discounted_expected_purchases(0.10, "5Y")).all()
    long = held.discounted_expected_purchases(0.10, "900Y")
    np.testing.assert_allclose(life, long, rtol=PREDICTION)


def test_what_if(fitted: clv.Fit) -> None:
    later = TABLE["date"] > END  # the last day observed is the first of its week, which remains as it is
    quiet, busy = (TABLE.assign(campaign=TABLE["campaign"].where(~later, on)) for on in (0, 1))
    few, many = (fitted.with_varying(table).expected_purchases("20W", start="6D") for table in (quiet, busy))
    np.testing.assert_allclose(many / few, np.exp(fitted.parameters["purchase: campaign"]), rtol=PREDICTION)
    np.testing.assert_array_equal(fitted.with_varying(quiet).probability_alive(), fitted.probability_alive())


@pytest.mark.filterwarnings("ignore:The posterior is far from Gaussian")  # dropout by season, of 800 customers
def test_what_if_leaves_the_fit_alone(fitted: clv.Fit) -> None:
    """Also where it changes the past: parameters and their draws come from the data."""
    other = fitted.with_varying(TABLE.assign(campaign=1 - TABLE["campaign"]))
    assert other.parameters == fitted.parameters
    assert other.draws(30).equals(fitted.draws(30))
    assert not np.allclose(other.probability_alive(), fitted.probability_alive())


def test_new_customers_begin_at_the_end_of_the_observation(fitted: clv.Fit) -> None:
    """All customers have the same covariates, so a new one is the mean over nobody in particular."""
    new = float(fitted.expected_purchases("10W", "new").iloc[0])
    one = pd.DataFrame({"customer_id": ["x"], "date": [END]})
    made = clv.summarize(
        one, customer="customer_id", date="date", unit="week", observation_end=END, keep_purchases=True
    )
    assert float(fitted.expected_purchases("10W", made).iloc[0]) == pytest.approx(new, rel=SUMMATION)


def test_file(customers: clv.Customers, fitted: clv.Fit, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    with pytest.raises(ArgumentError, match=r"'campaign', 'season' vary in time.*with_varying"):
        loaded.expected_purchases("10W", customers)
    with pytest.raises(ArgumentError, match="pass the table"):
        loaded.with_varying(after="hold")
    known = loaded.with_varying(TABLE)
    np.testing.assert_allclose(
        known.expected_purchases("10W", customers), fitted.expected_purchases("10W"), rtol=SUMMATION
    )
    assert known.effects().equals(fitted.effects())


def test_units_of_time_change_nothing(log: pd.DataFrame, fitted: clv.Fit) -> None:
    days = clv.summarize(
        log[log["date"] <= END],
        customer="customer_id",
        date="date",
        unit="day",
        observation_end=END,
        keep_purchases=True,
    )
    daily = clv.fit(days, "pareto/nbd", covariates=COVARIATES)
    scaled = {name: value * (7.0 if name in ("alpha", "beta") else 1.0) for name, value in fitted.parameters.items()}
    assert daily.parameters == pytest.approx(scaled, rel=FLAT_SEARCH)
    np.testing.assert_allclose(daily.expected_purchases("10W"), fitted.expected_purchases("10W"), rtol=FLAT_SEARCH)


def test_what_does_not_vary_is_the_static_model(customers: clv.Customers) -> None:
    """A column that differs by customer and stays as it is: by customer and period, or kept by the customers."""
    rng = np.random.default_rng(4)
    who = pd.DataFrame({"customer_id": customers.table.index, "web": rng.integers(0, 2, len(customers))})
    by_customer = TABLE[["date"]].merge(who, how="cross")
    varying = clv.Covariates(purchase="web", dropout="web", varying=by_customer)
    static = clv.Covariates(purchase="web", dropout="web")
    one = clv.fit(customers, "pareto/nbd", covariates=varying)
    other = clv.fit(customers.join(who), "pareto/nbd", covariates=static)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=SEARCHED_LIKELIHOOD)
    assert one.parameters == pytest.approx(other.parameters, rel=FLAT_SEARCH, abs=FLAT_SEARCH)
    np.testing.assert_allclose(one.expected_purchases("20W"), other.expected_purchases("20W"), rtol=FLAT_SEARCH)
    mean = float(other.expected_purchases("20W", "new").iloc[0])
    assert float(one.expected_purchases("20W", "new").iloc[0]) == pytest.approx(mean, rel=FLAT_SEARCH)


def test_customers_own_columns_join_those_of_the_periods(customers: clv.Customers) -> None:
    """One table for all with a column of the customers, or the same by customer and period."""
    rng = np.random.default_rng(5)
    who = pd.DataFrame({"customer_id": customers.table.index, "channel": rng.choice(["web", "shop"], len(customers))})
    formulas = {"purchase": "campaign * channel", "dropout": "channel + season"}
    joined = clv.fit(customers.join(who), "pareto/nbd", covariates=clv.Covariates(**formulas, varying=TABLE))
    by_customer = clv.Covariates(**formulas, varying=TABLE.merge(who, how="cross"))
    apart = clv.fit(customers, "pareto/nbd", covariates=by_customer)
    assert joined.n_histories < apart.n_histories == len(customers)
    assert apart.log_likelihood == pytest.approx(joined.log_likelihood, abs=SEARCHED_LIKELIHOOD)
    assert apart.parameters == pytest.approx(joined.parameters, rel=FLAT_SEARCH, abs=FLAT_SEARCH)
    np.testing.assert_allclose(apart.expected_purchases("20W"), joined.expected_purchases("20W"), rtol=FLAT_SEARCH)


def test_one_coefficient_for_both_processes(customers: clv.Customers) -> None:
    both = clv.fit(
        customers,
        "pareto/nbd",
        covariates=clv.Covariates(purchase="season + campaign", dropout="season", same=["season"], varying=TABLE),
    )
    assert "purchase and dropout: season[T.high]" in both.parameters
    assert len(both.parameters) == 6


def test_a_penalty_draws_coefficients_to_zero(customers: clv.Customers, fitted: clv.Fit) -> None:
    ridge = clv.fit(
        customers,
        "pareto/nbd",
        covariates=clv.Covariates(purchase="season + campaign", dropout="season", penalty=1e3, varying=TABLE),
    )
    assert all(abs(ridge.parameters[name]) < abs(fitted.parameters[name]) for name in COEFFICIENTS)
    assert ridge.method == "map"


def test_future_rows_do_not_change_the_fit(customers: clv.Customers, fitted: clv.Fit) -> None:
    """Nor do they teach scales or levels: what is learned comes from the time observed."""
    scaled = clv.Covariates(purchase="scale(campaign)", dropout="season", varying=TABLE)
    other = TABLE.assign(campaign=TABLE["campaign"].where(TABLE["date"] <= END, 50))
    changed = clv.Covariates(purchase="scale(campaign)", dropout="season", varying=other)
    one, two = (clv.fit(customers, "pareto/nbd", covariates=each) for each in (scaled, changed))
    assert one.parameters == two.parameters


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (TABLE.iloc[3:], DataError, r"no covariates for the first periods of .* customers \(ids .*all periods"),
        (TABLE.iloc[:40], DataError, "ends on 2020-10-10, before the end of the observation on 2021-02-07"),
        (TABLE.assign(season="high"), DataError, "'season' holds 'high' alone: it explains nothing"),
        (TABLE.drop(columns="campaign"), ArgumentError, "column 'campaign' not found"),
        (TABLE[["date", "campaign"]].assign(customer_id=1), DataError, r"no rows for 799 customers \(ids 0, 2, 3 and"),
    ],
)
def test_what_is_missing_is_named(
    customers: clv.Customers, table: pd.DataFrame, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        clv.fit(
            customers,
            "pareto/nbd",
            covariates=clv.Covariates(purchase="season + campaign", dropout="season", varying=table),
        )


def test_an_unseen_level_ahead_is_named(customers: clv.Customers) -> None:
    sale = TABLE.assign(season=TABLE["season"].where(TABLE["date"] <= END, "sale"))
    with pytest.raises(DataError, match=r"'season' of .* periods \(2021-02-14, .* holds 'sale', which the fit has not"):
        clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="season", varying=sale))


def test_other_misunderstandings(log: pd.DataFrame, customers: clv.Customers, fitted: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match="are for \"pareto/nbd\", not for 'bg/nbd'"):
        clv.fit(customers, "bg/nbd", covariates=COVARIATES)
    plain = clv.summarize(log[log["date"] <= END], customer="customer_id", date="date", observation_end=END)
    with pytest.raises(ArgumentError, match="keep_purchases=True"):
        clv.fit(plain, "pareto/nbd", covariates=COVARIATES)
    with pytest.raises(ArgumentError, match=r"No formula names a column of varying=\. Those are season, campaign"):
        clv.fit(
            customers.join(pd.DataFrame({"web": np.arange(800) % 2}, index=customers.table.index)),
            "pareto/nbd",
            covariates=clv.Covariates(purchase="web", varying=TABLE),
        )
    with pytest.raises(ArgumentError, match="'campaign' is in varying= and in the customers"):
        clv.fit(
            customers.join(pd.DataFrame({"campaign": np.arange(800) % 2}, index=customers.table.index)),
            "pareto/nbd",
            covariates=COVARIATES,
        )
    undated = clv.Customers.from_frame(customers.table[["frequency", "recency", "T"]], unit="week")
    with pytest.raises(ArgumentError, match="observation_end"):
        clv.fit(undated, "pareto/nbd", covariates=COVARIATES)
    with pytest.raises(ArgumentError, match="after= says what holds after the last period"):
        clv.Covariates(purchase="web", after="hold")
    with pytest.raises(ArgumentError, match=r"after='freeze' is not known\. .hold."):
        fitted.with_varying(after="freeze")
    with pytest.raises(UnsupportedPrediction, match="vary in time, so that no one value"):
        fitted.at(season="high", campaign=1)
    with pytest.raises(UnsupportedPrediction, match="no covariates that vary"):
        clv.fit(customers, "pareto/nbd").with_varying(TABLE)


# --- beside other parts of the package --------------------------------------------------------------------------------


def test_tracking_follows_the_season(log: pd.DataFrame, customers: clv.Customers, fitted: clv.Fit) -> None:
    columns = {"customer": "customer_id", "date": "date"}
    table = clv.plots.tracking_table(fitted, log, **columns)
    static = clv.plots.tracking_table(clv.fit(customers, "pareto/nbd"), log, **columns)
    for part in (table["held_out"], ~table["held_out"]):
        errors = [np.abs(each["expected"] - each["actual"])[part].mean() for each in (table, static)]
        assert errors[0] < 0.75 * errors[1]
    until = table.loc[~table["held_out"]].iloc[-1]
    assert until["expected_cumulative"] == pytest.approx(until["actual_cumulative"], rel=0.05)  # a fit's, at its data
    with pytest.raises(UnsupportedPrediction, match="covariates are known until 2021-05-29"):
        clv.plots.tracking_table(fitted.with_varying(TABLE.iloc[:73]), log, **columns)


@pytest.mark.filterwarnings("ignore:The posterior is far from Gaussian")  # dropout by season, of 800 customers
def test_customers_by_repeat_purchases(fitted: clv.Fit) -> None:
    table, simulated = clv.plots.repeat_purchases_table(fitted), clv.posterior_check(fitted, draws=40)
    assert table["expected"].sum() == pytest.approx(800.0, rel=PREDICTION)
    np.testing.assert_array_equal(table["actual"], simulated["actual"])
    # each of 40 simulations has a standard error of at most sqrt(200), and the draws theirs
    np.testing.assert_allclose(table["expected"], simulated["expected"], atol=15.0)


def test_a_likelihood_ratio_test_of_the_season(customers: clv.Customers, fitted: clv.Fit) -> None:
    plain = clv.fit(customers, "pareto/nbd")
    compared = clv.compare(customers, {"seasonal": fitted, "plain": plain})
    assert compared.recommended == "seasonal"
    other = clv.compare(customers, {"seasonal": fitted, "bg/nbd": "bg/nbd"})  # Vuong's, from each customer's
    assert other.recommended == "seasonal"


def test_draws_and_leaving_one_out(customers: clv.Customers) -> None:
    season = clv.Covariates(purchase="season", varying=TABLE)
    fit = clv.fit(customers, "pareto/nbd", covariates=season, method="laplace", draws=200)
    assert fit.effects().loc["purchase: season[T.high]", "lower"] > 0.0
    elpd = clv.loo(fit)
    assert elpd.n_data_points == 800
    assert elpd.elpd == pytest.approx(fit.log_likelihood, abs=30.0)  # about as many below as there are parameters
    bounds = fit.expected_purchases("20W", interval=0.9)
    point = fit.expected_purchases("20W")
    assert ((bounds.iloc[:, 1] <= point * 1.05) & (point * 0.95 <= bounds.iloc[:, 2])).all()


@pytest.mark.slow
def test_nuts_samples_them(customers: clv.Customers) -> None:
    season = clv.Covariates(purchase="season", varying=TABLE)
    with pytest.warns(clv.errors.IdentificationWarning, match="Pass more draws="):  # so few are only for a test
        fit = clv.fit(customers, "pareto/nbd", covariates=season, method="nuts", draws=20, chains=1, progress=False)
    assert fit.theta is not None
    assert fit.theta.shape == (1, 20, 5)


def test_spend_leaves_them_alone(customers: clv.Customers) -> None:
    who = pd.DataFrame({"web": np.arange(800) % 2}, index=customers.table.index)
    known = clv.Covariates(purchase="season", spend="web", varying=TABLE)
    priors = {"q": ("gamma", 4, 1), "v": ("lognormal", 20, 10)}
    spend = clv.fit(customers.join(who), "gamma-gamma", covariates=known, priors=priors)
    assert list(spend.effects().index) == ["spend: web"]
    assert clv.fit(customers.join(who), "pareto/nbd", covariates=known).covariates.varying == ("season",)


def test_what_has_no_dates_says_so(customers: clv.Customers, fitted: clv.Fit) -> None:
    with pytest.raises(ArgumentError, match="vary in time, so that no grid"):
        clv.plots.probability_alive_matrix(fitted)
    with pytest.raises(ArgumentError, match="no PyMC model"):
        clv.build_pymc_model(customers, "pareto/nbd", covariates=COVARIATES)
