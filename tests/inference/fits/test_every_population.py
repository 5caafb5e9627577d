"""What holds for every prediction, whoever is predicted: plain histories, covariates, calendar covariates, groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import ArgumentError
from clvmodels.inference.population.structure import Who
from tests.inference.fits.conftest import Fitted, calendar, summarized
from tests.reference.tolerances import STANDARD_ERRORS, SUMMATION, TWO_QUADRATURES

PREDICTIONS: dict[str, Callable[..., pd.Series]] = {
    "probability_alive": lambda fit, who, **options: fit.probability_alive(who, **options),
    "survival": lambda fit, who, **options: fit.survival("12W", who, **options),
    "expected_purchases": lambda fit, who, **options: fit.expected_purchases("20W", who, **options),
    "later": lambda fit, who, **options: fit.expected_purchases("8W", who, start="5W", **options),
    "purchase_probability": lambda fit, who, **options: fit.purchase_probability("20W", who, **options),
    "purchases_pmf": lambda fit, who, **options: fit.purchases_pmf(2, "20W", who, **options),
    "discounted_expected_purchases": lambda fit, who, **options: fit.discounted_expected_purchases(
        0.1, "20W", who, **options
    ),
    "for life": lambda fit, who, **options: fit.discounted_expected_purchases(0.1, None, who, **options),
    "discounted_time_alive": lambda fit, who, **options: fit.discounted_time_alive(0.1, "20W", who, **options),
}
over_predictions = pytest.mark.parametrize("prediction", PREDICTIONS)


def _some(customers: clv.Customers, rows: np.ndarray) -> clv.Customers:
    """Other customers: some of these, in another order."""
    table = customers.table.iloc[rows]
    return clv.Customers(table, customers.unit, customers.observation_end, purchases=customers.purchases)


@over_predictions
def test_the_fitted_customers_as_a_new_object_are_predicted_once_each(fitted: Fitted, prediction: str) -> None:
    again = summarized(fitted.log)
    expected = PREDICTIONS[prediction](fitted.fit, None)
    assert list(expected.index) == list(fitted.customers.table.index)
    pd.testing.assert_series_equal(PREDICTIONS[prediction](fitted.fit, again), expected, rtol=SUMMATION)


@over_predictions
def test_other_customers_in_any_order_are_predicted_as_among_all(fitted: Fitted, prediction: str) -> None:
    some = _some(fitted.customers, np.random.default_rng(1).permutation(len(fitted.customers))[:40])
    found = PREDICTIONS[prediction](fitted.fit, some)
    assert list(found.index) == list(some.table.index)
    expected = PREDICTIONS[prediction](fitted.fit, None).loc[some.table.index]
    pd.testing.assert_series_equal(found, expected, rtol=TWO_QUADRATURES)


@over_predictions
def test_an_interval_stands_around_its_point_and_has_a_total(fitted: Fitted, prediction: str) -> None:
    point = PREDICTIONS[prediction](fitted.fit, None)
    table = PREDICTIONS[prediction](fitted.fit, None, interval=0.9)
    name = str(point.name)
    assert list(table.columns) == [name, f"{name}_lower", f"{name}_upper"]
    pd.testing.assert_series_equal(table[name], point)
    lower, upper = table[f"{name}_lower"], table[f"{name}_upper"]
    assert (lower <= upper).all()
    inside = (lower <= point) & (point <= upper)
    assert inside.mean() > 0.9  # the point is at the mode or mean of the parameters, not a median of the prediction
    total = table.attrs["total"][name]
    assert total["estimate"] == pytest.approx(point.sum(), rel=SUMMATION)
    assert total["lower"] < total["upper"]
    assert lower.sum() < total["estimate"] < upper.sum()


@over_predictions
def test_a_new_customer_is_one_row_between_the_extremes(fitted: Fitted, prediction: str) -> None:
    new = PREDICTIONS[prediction](fitted.fit, "new")
    assert len(new) == 1
    assert np.isfinite(new).all()
    table = PREDICTIONS[prediction](fitted.fit, "new", interval=0.9)
    name = str(new.name)
    assert float(table[name].iloc[0]) == pytest.approx(float(new.iloc[0]), rel=SUMMATION)
    assert table[f"{name}_lower"].iloc[0] <= table[f"{name}_upper"].iloc[0]


def test_windows_add_up(fitted: Fitted) -> None:
    fit = fitted.fit
    whole = fit.expected_purchases("20W")
    parts = fit.expected_purchases("7W") + fit.expected_purchases("13W", start="7W")
    np.testing.assert_allclose(parts, whole, rtol=TWO_QUADRATURES)
    several = fit.expected_purchases(["7W", "20W"])
    assert list(several.columns) == ["7W", "20W"]
    np.testing.assert_allclose(several["20W"], whole, rtol=SUMMATION)
    by_date = fit.expected_purchases("8W", start=fitted.customers.observation_end + pd.Timedelta(weeks=5))  # type: ignore[operator]
    np.testing.assert_allclose(by_date, fit.expected_purchases("8W", start="5W"), rtol=SUMMATION)


def test_no_time_no_purchases(fitted: Fitted) -> None:
    fit = fitted.fit
    assert (fit.expected_purchases(0) == 0).all()
    assert (fit.purchases_pmf(0, 0) == 1).all()
    assert (fit.discounted_expected_purchases(0.1, 0) == 0).all()
    assert (fit.discounted_time_alive(0.1, 0) == 0).all()


def test_simulated_purchases_have_the_expected_mean_and_repeat_with_their_seed(fitted: Fitted) -> None:
    fit = fitted.fit
    pd.testing.assert_series_equal(fit.simulate("20W", seed=5), fit.simulate("20W", seed=5))
    total = np.array([fit.simulate("20W", seed=seed).sum() for seed in range(40)])
    expected = float(fit.expected_purchases("20W").sum())
    assert total.mean() == pytest.approx(expected, abs=STANDARD_ERRORS * total.std() / np.sqrt(40))


def test_an_interval_of_purchases_is_wider_than_that_of_their_expectation(fitted: Fitted) -> None:
    expected = fitted.fit.expected_purchases("20W", interval=0.9)
    made = fitted.fit.expected_purchases("20W", interval=0.9, predictive=True)
    assert made["expected_purchases_upper"].sum() > expected["expected_purchases_upper"].sum()
    one, other = (table.attrs["total"]["expected_purchases"] for table in (expected, made))
    assert other["upper"] - other["lower"] > 0.8 * (one["upper"] - one["lower"])  # two samples of the draws


@pytest.mark.parametrize("who", [None, "other", "new"])
def test_value_is_margin_times_spend_times_discounted_purchases(fitted: Fitted, who: str | None) -> None:
    """Summed by hand, for those fitted, some of them as others, and a new customer."""
    customers: Who = _some(fitted.customers, np.arange(50)[::-1]) if who == "other" else who  # type: ignore[assignment]
    options = {"horizon": "20W", "annual_discount_rate": 0.1, "margin": 0.3}
    value = clv.lifetime_value(fitted.fit, fitted.spend, customers, **options)
    purchases = fitted.fit.discounted_expected_purchases(0.1, "20W", customers)
    spend = fitted.spend.expected_spend(customers)
    expected = 0.3 * spend.to_numpy() * purchases.to_numpy()
    if who == "new":
        expected = expected + 0.3 * spend.to_numpy()  # the first purchase
    np.testing.assert_allclose(value["lifetime_value"], expected, rtol=SUMMATION)
    risk = 1.0 - fitted.fit.purchase_probability("20W", customers).to_numpy()
    np.testing.assert_allclose(value["attrition_risk"], risk, rtol=SUMMATION)


def test_value_has_an_interval_a_total_and_years(fitted: Fitted) -> None:
    options = {"annual_discount_rate": 0.1, "margin": 0.3}
    value = clv.lifetime_value(fitted.fit, fitted.spend, horizon="20W", interval=0.9, **options)
    assert (value["lifetime_value_lower"] <= value["lifetime_value_upper"]).all()
    total = value.attrs["total"]["lifetime_value"]
    assert total["estimate"] == pytest.approx(value["lifetime_value"].sum(), rel=SUMMATION)
    assert total["lower"] < total["estimate"] < total["upper"]
    costly = clv.lifetime_value(fitted.fit, fitted.spend, horizon="20W", cost_per_purchase=1.0, **options)
    purchases = fitted.fit.discounted_expected_purchases(0.1, "20W")
    difference = value["lifetime_value"] - costly["lifetime_value"]
    np.testing.assert_allclose(difference, purchases, rtol=TWO_QUADRATURES)
    yearly = clv.lifetime_value(fitted.fit, fitted.spend, horizon="2Y", yearly=True, **options)
    years = yearly[["lifetime_value_year_1", "lifetime_value_year_2"]].sum(axis=1)
    np.testing.assert_allclose(years, yearly["lifetime_value"], rtol=TWO_QUADRATURES)


def test_draws_have_a_column_a_parameter(fitted: Fitted) -> None:
    draws = fitted.fit.draws(20)
    assert draws.shape == (20, len(fitted.fit.parameters))
    assert list(draws.columns) == list(fitted.fit.parameters)
    assert np.isfinite(draws).all(axis=None)


def test_a_summary_names_every_parameter(fitted: Fitted) -> None:
    table = fitted.fit.summary(level=0.9)
    assert len(table) == len(fitted.fit.parameters)
    assert (table["lower"] < table["upper"]).all()
    assert np.isfinite([fitted.fit.log_likelihood, fitted.fit.aic, fitted.fit.bic]).all()
    assert fitted.fit.n_customers == len(fitted.customers)
    assert f"{len(fitted.customers):,}" in repr(fitted.fit)
    assert fitted.fit._repr_html_()


def test_saved_and_loaded_it_predicts_the_same(fitted: Fitted, tmp_path: Path) -> None:
    fitted.fit.save(tmp_path / "model.json")
    loaded = clv.load(tmp_path / "model.json")
    if fitted.kind == "calendar":
        loaded = loaded.with_varying(calendar(), after="hold")
    assert loaded.parameters == fitted.fit.parameters
    with pytest.raises(ArgumentError, match="carries no data"):
        loaded.expected_purchases("20W")
    for prediction in ("expected_purchases", "purchase_probability", "for life"):
        expected = PREDICTIONS[prediction](fitted.fit, None)
        pd.testing.assert_series_equal(PREDICTIONS[prediction](loaded, fitted.customers), expected, rtol=SUMMATION)
    table = loaded.expected_purchases("20W", fitted.customers, interval=0.9)
    pd.testing.assert_frame_equal(table, fitted.fit.expected_purchases("20W", interval=0.9), rtol=SUMMATION)
    if fitted.kind in ("covariates", "calendar", "clock and covariates"):  # which customers come is not in the file
        with pytest.raises(ArgumentError, match="doesn't know what covariates new customers have"):
            loaded.expected_purchases("20W", "new")
        return
    expected = float(fitted.fit.expected_purchases("20W", "new").iloc[0])
    assert float(loaded.expected_purchases("20W", "new").iloc[0]) == pytest.approx(expected, rel=SUMMATION)


def test_each_customers_log_likelihood_adds_up(fitted: Fitted) -> None:
    tree = fitted.fit.to_arviz(log_likelihood=True) if fitted.fit.theta is not None else None
    assert fitted.fit.log_likelihood < 0
    if tree is not None:
        pointwise = tree["log_likelihood"]["histories"] * tree["constant_data"]["weight"]
        assert float(pointwise.sum("history").max()) <= fitted.fit.log_likelihood + len(fitted.fit.parameters)


def test_what_was_bought_is_checked_against_what_the_fit_expects(fitted: Fitted) -> None:
    table = clv.posterior_check(fitted.fit, draws=40)
    assert table["actual"].sum() == len(fitted.customers)
    assert table["expected"].sum() == pytest.approx(len(fitted.customers), rel=SUMMATION)


def test_tracking_and_plots_take_it(fitted: Fitted) -> None:
    import matplotlib.pyplot as plt

    table = clv.plots.tracking_table(fitted.fit, fitted.log, customer="customer_id", date="date")
    assert table["expected"].iloc[1:].gt(0).all()
    seen = table[~table["held_out"]]
    actual = fitted.customers.table["frequency"].sum()
    assert seen["actual"].sum() == actual
    assert seen["expected"].sum() == pytest.approx(actual, rel=0.1)  # 200 customers
    for draw in (
        lambda: clv.plots.tracking(fitted.fit, fitted.log, customer="customer_id", date="date"),
        lambda: clv.plots.repeat_purchases(fitted.fit),
        lambda: clv.plots.forecast(fitted.fit, fitted.spend, months=4),
        lambda: clv.plots.value_risk(
            clv.lifetime_value(fitted.fit, fitted.spend, horizon="20W", annual_discount_rate=0.1)
        ),
        lambda: clv.plots.posterior(fitted.fit, next(iter(fitted.fit.parameters))),
    ):
        draw()
        plt.close("all")


@pytest.mark.slow
def test_a_report_takes_it(fitted: Fitted, tmp_path: Path) -> None:
    path = clv.report(fitted.fit, spend=fitted.spend, horizon="20W", output=tmp_path / "report.html")
    assert path.stat().st_size > 10_000


def test_editing_a_table_does_not_change_what_a_fit_says(fitted: Fitted) -> None:
    customers = summarized(fitted.log)
    before = fitted.fit.expected_purchases("20W", customers)
    table = customers.table
    table["frequency"] = 50
    pd.testing.assert_series_equal(fitted.fit.expected_purchases("20W", customers), before)
    pd.testing.assert_series_equal(fitted.fit.expected_purchases("20W"), before, rtol=SUMMATION)
