"""What plots show, held against closed forms, hand-computed numbers, other libraries and simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import clvmodels as clv
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.population.age_interpolation import by_age
from clvmodels.inference.posterior.priors import Prior
from tests.reference.tolerances import ABSOLUTE_SUMMATION, PREDICTION, SUMMATION, TWO_QUADRATURES

COLUMNS = {"customer": "customer_id", "date": "date"}


# --- purchases over time ----------------------------------------------------------------------------------------------


def _expected_by_new_customer(t: Any, r: float, alpha: float, a: float, b: float) -> Any:
    """Fader, Hardie and Lee (2005), equation (9)."""
    hyp = special.hyp2f1(r, b, a + b - 1.0, t / (alpha + t))
    return (a + b - 1.0) / (a - 1.0) * (1.0 - (alpha / (alpha + t)) ** r * hyp)


def test_tracking_expects_the_sum_over_customers_of_equation_9(log: pd.DataFrame, purchases: clv.Fit) -> None:
    table = clv.plots.tracking_table(purchases, log, **COLUMNS)
    first = log.groupby("customer_id")["date"].min()
    for day in ("1997-03-04", "1997-09-30", "1998-06-30"):
        ages = (pd.Timestamp(day) - first).dt.days.to_numpy() / 7.0
        expected = _expected_by_new_customer(ages[ages > 0], **purchases.parameters).sum()
        # scipy's 2F1 is good to about 1e-12 here
        assert table.loc[day, "expected_cumulative"] == pytest.approx(expected, rel=1e-9)


def test_tracking_adds_up_to_calibration_and_holdout(log: pd.DataFrame, purchases: clv.Fit, split: Any) -> None:
    table = clv.plots.tracking_table(purchases, log, **COLUMNS)
    assert len(table) == 78
    assert table.loc[table["held_out"], "actual"].sum() == split.table["frequency"].sum() == 1882
    assert table.loc["1997-09-30", "actual_cumulative"] == split.calibration.table["frequency"].sum()
    assert table["expected"].to_numpy()[1:] == pytest.approx(np.diff(table["expected_cumulative"]), rel=PREDICTION)


def test_tracking_periods_count_from_the_end_of_the_calibration(log: pd.DataFrame, purchases: clv.Fit) -> None:
    table = clv.plots.tracking_table(purchases, log, step="30D", **COLUMNS)
    assert pd.Timestamp("1997-09-30") in table.index
    assert set(np.diff(table.index).astype("m8[D]").astype(int)) == {30}
    weekly = clv.plots.tracking_table(purchases, log, **COLUMNS)
    shared = table.index.intersection(weekly.index)
    columns = ["actual_cumulative", "expected_cumulative"]
    assert len(shared) >= 2
    assert table.loc[shared, columns].to_numpy() == pytest.approx(
        weekly.loc[shared, columns].to_numpy(), rel=TWO_QUADRATURES
    )


def test_tracking_in_days_equals_tracking_in_weeks(log: pd.DataFrame, purchases: clv.Fit) -> None:
    days = clv.summarize(log, unit="day", observation_end="1997-09-30", **COLUMNS)
    in_days = clv.plots.tracking_table(clv.fit(days, "bg/nbd"), log, **COLUMNS)
    in_weeks = clv.plots.tracking_table(purchases, log, **COLUMNS)
    # two searches that end within 1e-8 of one maximum
    assert in_days["expected"].to_numpy() == pytest.approx(in_weeks["expected"].to_numpy(), rel=1e-5)


def test_tracking_refuses_another_log(log: pd.DataFrame, purchases: clv.Fit) -> None:
    with pytest.raises(DataError, match=r"The log has 1,000 customers .* the fit 2,357"):
        clv.plots.tracking_table(purchases, log[log["customer_id"] <= 1000], **COLUMNS)
    with pytest.raises(ArgumentError, match="step must be one or more whole days"):
        clv.plots.tracking_table(purchases, log, step="1M", **COLUMNS)


def test_a_bound_log_stands_for_data_and_keywords(log: pd.DataFrame, purchases: clv.Fit) -> None:
    bound = clv.Log(log, **COLUMNS)
    pd.testing.assert_frame_equal(
        clv.plots.tracking_table(purchases, bound), clv.plots.tracking_table(purchases, log, **COLUMNS)
    )
    pd.testing.assert_frame_equal(
        clv.plots.cohort_table(bound, period="quarter"), clv.plots.cohort_table(log, period="quarter", **COLUMNS)
    )
    with pytest.raises(TypeError, match="Did you mean 'customer'"):
        clv.plots.cohorts(log, custmer="customer_id", date="date")
    with pytest.raises(ArgumentError, match="log is missing"):
        clv.plots.tracking(purchases)


def test_many_ages_are_interpolated_from_few() -> None:
    parameters = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    ages = np.random.default_rng(1).uniform(0.01, 500.0, 5_000)
    curve = by_age(lambda t: float(_expected_by_new_customer(t, **parameters)), ages, 400)
    exact = _expected_by_new_customer(ages, **parameters)
    assert np.abs(curve - exact).max() < 1e-5 * exact.max()  # a line is a thousand times as wide


# --- groups of customers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["frequency", "recency", "since_last"])
def test_conditional_expectation_equals_pandas(purchases: clv.Fit, split: Any, by: str) -> None:
    table = clv.plots.conditional_expectation_table(purchases, split, by=by)
    rows = split.calibration.table.assign(actual=split.table["frequency"], expected=purchases.expected_purchases("39W"))
    if by == "frequency":
        groups = rows.groupby(rows["frequency"].clip(upper=7))
        assert table["customers"].sum() == 2357
        # METHODS: actual 1,882, BG/NBD 1,653
        assert [round(float(table["customers"] @ table[name])) for name in ("actual", "expected")] == [1882, 1653]
    else:
        rows = rows[rows["frequency"] > 0]
        time = rows["recency"] if by == "recency" else rows["T"] - rows["recency"]
        groups = rows.groupby(pd.cut(time, np.linspace(0, time.max(), 11), right=False, labels=False).fillna(9))
    for column in ("actual", "expected"):
        assert table[column].to_numpy() == pytest.approx(groups[column].mean().to_numpy(), rel=SUMMATION)
    assert table["actual_error"].to_numpy() == pytest.approx(groups["actual"].sem().to_numpy(), rel=SUMMATION)


def test_repeat_purchases_equal_the_closed_form(purchases: clv.Fit, split: Any) -> None:
    table = clv.plots.repeat_purchases_table(purchases)
    r, alpha, a, b = purchases.parameters.values()
    T = split.calibration.table["T"].to_numpy()
    none = (alpha / (alpha + T)) ** r
    # Fader, Hardie and Lee (2005), equation (8), for one purchase
    one = b / (a + b) * r * none * T / (alpha + T) + a / (a + b) * (1.0 - none)
    expected = table["expected"]
    assert expected.iloc[:2].to_numpy() == pytest.approx([none.sum(), one.sum()], rel=PREDICTION)
    assert expected.sum() == pytest.approx(2357, rel=SUMMATION)
    assert table["actual"].sum() == 2357
    reach = stats.norm.ppf(0.95) * np.sqrt((none * (1 - none)).sum())
    assert table["upper"].iloc[0] - expected.iloc[0] == pytest.approx(reach, rel=PREDICTION)


def test_deciles_by_hand_and_ties_are_broken_by_the_seed() -> None:
    table = clv.plots.decile_table([5.0, 1.0, 4.0, 2.0, 3.0], [50.0, 10.0, 0.0, 20.0, 70.0], groups=2)
    assert table.to_numpy().tolist() == [[3, 4.0, 40.0], [2, 1.5, 15.0]]
    assert len(clv.plots.decile_table([1.0, 2.0], [1.0, 0.0])) == 2
    ties = [clv.plots.decile_table(np.ones(40), np.arange(40.0), seed=seed)["actual"].tolist() for seed in (1, 1, 2)]
    assert ties[0] == ties[1] != ties[2]


def test_lorenz_by_hand_with_ties() -> None:
    table = clv.plots.lorenz_table([1.0, 1.0, 0.0, 0.0], [4.0, 0.0, 1.0, 3.0], points=4)
    assert table["predicted"].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert table["perfect"].tolist() == [0.0, 0.5, 0.875, 1.0, 1.0]


def test_lorenz_matches_customers_by_their_ids() -> None:
    prediction = pd.Series([3.0, 2.0, 1.0], index=["a", "b", "c"])
    actual = pd.Series([0.0, 1.0, 5.0], index=["c", "b", "a"])
    assert clv.plots.lorenz_table(prediction, actual, points=3)["predicted"].round(3).tolist() == [0.0, 0.833, 1.0, 1.0]
    with pytest.raises(DataError, match="not among the latter"):
        clv.plots.lorenz_table(prediction, actual.rename({"a": "z"}))
    with pytest.raises(DataError, match="prediction is missing or not finite for 1 of 2 customers"):
        clv.plots.lorenz_table([np.nan, 1.0], [1.0, 1.0])
    with pytest.raises(DataError, match="above 0 for somebody"):
        clv.plots.lorenz_table([1.0, 2.0], [0.0, 0.0])


def test_reliability_equals_pandas_and_scipys_wilson_interval() -> None:
    rng = np.random.default_rng(5)
    p = rng.beta(1.0, 3.0, 5_000)
    purchases = rng.poisson(-np.log1p(-p))
    table = clv.plots.reliability_table(p, purchases)
    groups = pd.DataFrame({"p": p, "y": purchases > 0}).groupby(pd.qcut(p, 10, labels=False))
    assert table["predicted"].to_numpy() == pytest.approx(groups["p"].mean().to_numpy(), rel=SUMMATION)
    assert table["observed"].to_numpy() == pytest.approx(groups["y"].mean().to_numpy(), rel=SUMMATION)
    for row, happened in zip(table.itertuples(), groups["y"].sum(), strict=True):
        interval = stats.binomtest(int(happened), row.customers).proportion_ci(method="wilson")
        assert [row.lower, row.upper] == pytest.approx(list(interval), rel=1e-6)  # 1.959964 has seven figures


def test_reliability_keeps_equal_probabilities_together() -> None:
    table = clv.plots.reliability_table([0.2] * 9 + [0.7], [0] * 9 + [1])
    assert table[["customers", "predicted", "observed"]].round(6).to_numpy().tolist() == [[9, 0.2, 0.0], [1, 0.7, 1.0]]
    assert len(clv.plots.reliability_table([0.2] * 5, [1, 0, 0, 0, 0])) == 1
    with pytest.raises(DataError, match="between 0 and 1"):
        clv.plots.reliability_table([1.2], [1])


def test_value_and_risk_split_all_customers_and_all_value(purchases: clv.Fit, spend: clv.Fit) -> None:
    value = clv.lifetime_value(purchases, spend, horizon="39W", annual_discount_rate=0.1)
    table = clv.plots.value_risk_table(value)
    assert table["customers"].sum() == 2357
    assert table.loc[["Look after", "Act now"], "customers"].sum() == pytest.approx(0.2 * 2357, abs=1)
    assert table["value"].sum() == pytest.approx(value["lifetime_value"].sum(), rel=SUMMATION)
    at_risk = (value["attrition_risk"] * value["lifetime_value"]).sum()
    assert table["at_risk"].sum() == pytest.approx(at_risk, rel=SUMMATION)
    with pytest.raises(DataError, match="'attrition_risk' not found"):
        clv.plots.value_risk_table(value.drop(columns="attrition_risk"))


def test_cohorts_by_hand() -> None:
    log = pd.DataFrame(
        [
            ("a", "2024-01-05", 10.0), ("a", "2024-02-03", 4.0), ("a", "2024-02-09", 2.0), ("b", "2024-01-31", 5.0),
            ("c", "2024-02-01", 1.0), ("c", "2024-03-31", 8.0),
        ],
        columns=["id", "day", "paid"],
    )  # fmt: skip
    columns = {"customer": "id", "date": "day", "amount": "paid"}
    share = clv.plots.cohort_table(log, **columns)
    assert np.array_equal(share.to_numpy(), [[1.0, 0.5, 0.0], [1.0, 1.0, np.nan]], equal_nan=True)
    assert share.attrs["sizes"] == [2, 1]
    assert clv.plots.cohort_table(log, of="spend", **columns).iloc[0].tolist() == [7.5, 3.0, 0.0]
    assert clv.plots.cohort_table(log, of="purchases", **columns).iloc[0].tolist() == [1.0, 1.0, 0.0]
    with pytest.raises(DataError, match="no amounts"):
        clv.plots.cohort_table(log, of="spend", customer="id", date="day")
    with pytest.raises(DataError, match="Use a shorter period="):
        clv.plots.cohorts(log, period="year", **columns)


def test_retention_rates_by_hand() -> None:
    rates = clv.plots.retention_rates(pd.DataFrame({"actual": [1.0, 0.8, 0.4, 0.0, 0.0]}))
    assert rates["actual"].round(12).tolist()[:3] == [0.8, 0.5, 0.0]
    assert rates["actual"].isna().tolist() == [False, False, False, True]
    with pytest.raises(DataError, match="Divide by the customers"):
        clv.plots.retention(pd.DataFrame({"actual": [1000.0, 631.0]}))


# --- histories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", ["expected_purchases", "probability_alive", "purchase_probability"])
def test_a_matrix_holds_the_predictions_of_its_histories(purchases: clv.Fit, quantity: str) -> None:
    matrix = clv.plots.history_matrix(purchases, quantity, horizon="26W", T=39, max_frequency=4, steps=10)
    assert matrix.shape == (5, 10)
    row = {"frequency": [3, 0], "recency": [matrix.columns[6], 0.0], "T": 39.0}
    customers = clv.Customers.from_frame(pd.DataFrame(row), unit="week")
    horizon = () if quantity == "probability_alive" else ("26W",)
    expected = getattr(purchases, quantity)(*horizon, customers=customers).tolist()
    assert [matrix.loc[3].iloc[6], matrix.loc[0].iloc[2]] == pytest.approx(expected, rel=SUMMATION)
    assert len(set(matrix.loc[0])) == 1


def test_iso_value_is_margin_times_spend_times_dert(purchases: clv.Fit, spend: clv.Fit) -> None:
    options = {"annual_discount_rate": 0.15, "T": 39, "max_frequency": 4, "steps": 10}
    matrix = clv.plots.iso_value_matrix(purchases, spend, margin=0.3, **options)
    customers = clv.Customers.from_frame(
        pd.DataFrame({"frequency": [2], "recency": [matrix.columns[8]], "T": [39.0]}), unit="week"
    )
    dert = float(purchases.discounted_expected_purchases(0.15, customers=customers).iloc[0])
    p, q, v = spend.parameters.values()
    assert matrix.loc[2].iloc[8] == pytest.approx(0.3 * p * v / (q - 1) * dert, rel=SUMMATION)
    with pytest.raises(ArgumentError, match="annual_discount_rate is missing"):
        clv.plots.iso_value(purchases, spend)
    fixed = clv.plots.iso_value_matrix(purchases, spend_per_purchase=10.0, **options)
    assert fixed.loc[2].iloc[8] == pytest.approx(10.0 * dert, rel=SUMMATION)


def test_a_customers_history_ends_with_today_and_knows_nothing_of_tomorrow(
    log: pd.DataFrame, purchases: clv.Fit
) -> None:
    dates = log.loc[log["customer_id"] == 1, "date"]
    table = clv.plots.customer_history_table(purchases, dates, horizon="39W")
    for quantity, horizon in (("probability_alive", ()), ("purchase_probability", ("39W",))):
        today = float(getattr(purchases, quantity)(*horizon).loc[1])
        assert table[quantity].iloc[-1] == pytest.approx(today, rel=SUMMATION)
    known = sorted(set(dates[dates <= "1997-09-30"]))
    assert table.index[table["purchase"]].tolist() == known
    earlier = clv.plots.customer_history_table(purchases, known[:2], horizon="39W", observation_end=known[1])
    both = table.index.intersection(earlier.index)
    assert len(both) > 5
    assert table.loc[both, "probability_alive"].to_numpy() == pytest.approx(
        earlier.loc[both, "probability_alive"].to_numpy(), rel=SUMMATION
    )
    with pytest.raises(DataError, match="All purchase dates of this customer lie after 1997-09-30"):
        clv.plots.customer_history_table(purchases, ["1998-01-01"])


def test_forecast_months_add_up_and_the_rest_of_a_month_comes_first(
    log: pd.DataFrame, purchases: clv.Fit, spend: clv.Fit
) -> None:
    table = clv.plots.forecast_table(purchases, spend, months=9)
    assert table["purchases"].sum() == pytest.approx(
        float(purchases.expected_purchases("39W").sum()), rel=TWO_QUADRATURES
    )
    each = purchases.expected_purchases("39W").to_numpy() @ spend.expected_spend().to_numpy()
    assert table["revenue"].sum() == pytest.approx(each, rel=TWO_QUADRATURES)
    assert table["whole"].all()
    mid = clv.fit(clv.summarize(log, observation_end="1997-09-12", **COLUMNS), "bg/nbd")
    parts = clv.plots.forecast_table(mid, months=2)
    assert parts["whole"].tolist() == [False, True]
    assert parts["purchases"].iloc[0] == pytest.approx(float(mid.expected_purchases("18D").sum()), rel=SUMMATION)
    with pytest.raises(ArgumentError, match="no revenue"):
        clv.plots.forecast(parts, of="revenue")


# --- spend and parameters ---------------------------------------------------------------------------------------------


def test_spend_density_equals_simulated_customers(spend: clv.Fit, split: Any) -> None:
    table = clv.plots.spend_density_table(spend)
    x = split.calibration.table["spend_frequency"].to_numpy()
    many = np.repeat(x[x > 0], 300).astype(float)
    definition: Any = spend.definition
    m = definition.simulate(np.random.default_rng(2), many, **spend.parameters)
    edges = np.linspace(0.0, float(table.index[-1]), 13)
    share = np.histogram(m, edges)[0] / len(m)
    width = float(table.index[1] - table.index[0])
    grid = np.arange(len(table) + 1) * width
    below = np.concatenate(([0.0], np.cumsum(table["model"].to_numpy()) * width))
    # shares of 283,800 draws err by less than 4.5 * 0.001
    assert np.diff(np.interp(edges, grid, below)) == pytest.approx(share, abs=0.0045)


def test_spend_density_with_covariates_is_that_of_customers_of_each_kind(split: Any) -> None:
    early = (split.calibration.table["T"] > 33).rename("early")
    customers = split.calibration.join(early.to_frame())
    fit: Any = clv.fit(customers, "gamma-gamma", covariates=clv.Covariates(spend="early"))
    table = clv.plots.spend_density_table(fit)
    amount, x = float(table.index[60]), customers.table["spend_frequency"].to_numpy(dtype=float)
    density = 0.0
    for kind in (False, True):
        count = x[(x > 0) & (early == kind)]
        m = np.full(len(count), amount)
        density += np.exp(fit.definition.log_density_of_mean(count, m, **fit.at(early=kind).parameters)).sum()
    assert table["model"].iloc[60] == pytest.approx(density / (x > 0).sum(), rel=SUMMATION)


def test_spend_density_histogram_is_that_of_the_customers(spend: clv.Fit, split: Any) -> None:
    table = clv.plots.spend_density_table(spend)
    m = split.calibration.table["monetary_value"].dropna().to_numpy()
    edges, heights = np.array(table.attrs["edges"]), np.array(table.attrs["heights"])
    assert heights * np.diff(edges) * len(m) == pytest.approx(np.histogram(m, edges)[0], abs=ABSOLUTE_SUMMATION)
    assert table.attrs["beyond"] == (m > edges[-1]).sum() == 10


def test_shrinkage_lines_are_equation_5(spend: clv.Fit) -> None:
    table = clv.plots.spend_shrinkage_table(spend, counts=(2,))
    p, q, v = spend.parameters.values()
    seen = np.asarray(table.index, dtype=float)
    assert table[2].to_numpy() == pytest.approx(p * (v + 2 * seen) / (2 * p + q - 1), rel=SUMMATION)
    assert table.attrs["population"] == pytest.approx(p * v / (q - 1), rel=SUMMATION)


def test_spend_by_frequency_is_what_pandas_says(split: Any) -> None:
    table = clv.plots.spend_independence_table(split.calibration)
    repeat = split.calibration.table.query("spend_frequency > 0")
    spend = repeat["monetary_value"].clip(upper=repeat["monetary_value"].quantile(0.995))
    groups = spend.groupby(pd.cut(repeat["frequency"], [0, 1, 2, 3, 5, 9, 1000], labels=list(table.index)))
    assert table["mean_spend"].to_numpy() == pytest.approx(groups.mean().to_numpy(), rel=SUMMATION)
    assert table["customers"].tolist() == groups.size().tolist()
    for name, group in groups:
        interval = stats.ttest_1samp(group, 0.0).confidence_interval(0.95)
        assert table.loc[name, ["lower", "upper"]].tolist() == pytest.approx(
            [interval.low, interval.high], rel=PREDICTION
        )
    assert table.attrs["overall"] == pytest.approx(spend.mean(), rel=SUMMATION)


@pytest.mark.parametrize("counts", [[1], [3] * 40, [1] * 5 + [9] * 30, [1] * 30 + [9] * 5, list(range(1, 60))])
def test_groups_by_frequency_hold_everybody_and_are_not_small(counts: list[int]) -> None:
    x = np.array(counts)
    frame = pd.DataFrame({"frequency": x, "recency": 1.0, "T": 2.0, "monetary_value": 5.0 + x % 7})
    table = clv.plots.spend_independence_table(clv.Customers.from_frame(frame, unit="week"))
    assert table["customers"].sum() == len(x)
    assert table["customers"].min() >= min(20, len(x))
    assert table.index.is_unique


@pytest.mark.parametrize("distribution", ["gamma", "lognormal", "normal"])
def test_prior_densities_equal_scipy(distribution: str) -> None:
    mean, sd = 2.0, 0.8
    variance = np.log1p((sd / mean) ** 2)
    exact = {
        "gamma": stats.gamma((mean / sd) ** 2, scale=sd**2 / mean),
        "lognormal": stats.lognorm(np.sqrt(variance), scale=mean * np.exp(-variance / 2)),
        "normal": stats.truncnorm(-mean / sd, np.inf, loc=mean, scale=sd),  # a parameter is positive
    }[distribution]
    draws = np.random.default_rng(4).gamma(100.0, 0.02, 1_000)
    table = clv.plots.density_table(draws, prior=Prior(distribution, mean, sd))
    # the prior is normalised by a sum over 40,001 points
    assert table["prior"].to_numpy() == pytest.approx(exact.pdf(np.asarray(table.index)), rel=1e-4)


def test_posterior_density_is_near_the_truth_and_reads_draws_of_any_shape() -> None:
    draws = np.random.default_rng(4).gamma(100.0, 0.02, 4_000)
    table = clv.plots.density_table(pd.DataFrame({"a": draws}), "a")
    exact = stats.gamma(100.0, scale=0.02).pdf(np.asarray(table.index))
    assert np.abs(table["posterior"] - exact).max() < 0.1 * exact.max()  # kernels of 4,000 draws
    import xarray as xr

    chains = {"a": (("chain", "draw"), draws.reshape(4, 1_000))}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(chains)})
    again = clv.plots.density_table(tree, "a")
    assert np.array_equal(again["posterior"], table["posterior"])
    of_groups = {"a": (("chain", "draw", "group"), np.stack([draws, 2.0 * draws], axis=1).reshape(4, 1_000, 2))}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(of_groups, coords={"group": ["shop", "web"]})})
    assert np.array_equal(clv.plots.density_table(tree, "a[shop]")["posterior"], table["posterior"])
    with pytest.raises(ArgumentError, match=r"no draws of 'a': a\[shop\], a\[web\]"):
        clv.plots.density_table(tree, "a")
    with pytest.raises(ArgumentError, match=r"Pass parameter=, one of a\[shop\], a\[web\]"):
        clv.plots.density_table(tree)
    with pytest.raises(ArgumentError, match="no draws of 'b'"):
        clv.plots.density_table(pd.DataFrame({"a": draws}), "b")
    with pytest.raises(DataError, match="finite and above 0"):
        clv.plots.density_table([1.0, -1.0])
    with pytest.raises(DataError, match="there is no density"):
        clv.plots.density_table([1.0, 1.0])


@pytest.mark.parametrize(("sd", "cut"), [(0.1, False), (1.5, True)])
def test_posterior_plot_cuts_a_long_tail_only(sd: float, cut: bool) -> None:
    draws = np.random.default_rng(5).lognormal(0.0, sd, 4_000)
    ax = clv.plots.posterior(draws)
    end = float(clv.plots.density_table(draws).index[-1])
    low, high = np.quantile(draws, [0.05, 0.95])
    assert bool(ax.get_xlim()[1] < 0.5 * end) == cut
    assert high < ax.get_xlim()[1] <= (2 * high - low if cut else end)
