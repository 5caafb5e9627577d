"""What holds for covariates in every model: derivatives, rows by themselves, limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.inference.data.covariates import learn
from clvmodels.inference.data.design import Design
from clvmodels.inference.data.model_data import histories_of
from clvmodels.inference.population import histories
from clvmodels.inference.posterior.likelihood import LogLikelihood
from tests.reference.covariates import COVARIATES, SPEND, TRUTH, moved, people, simulated
from tests.reference.tolerances import ABSOLUTE_PREDICTION, DIFFERENCES, SUMMATION

NAMES = sorted(TRUTH)
EFFECTS = {"purchase: channel[T.web]": 0.5, "purchase: age": 0.2, "dropout: channel[T.web]": -0.6}


def _with_design(name: str, customers: clv.Customers) -> tuple[LogLikelihood, np.ndarray, Design]:
    model = models.get(name)
    learned = learn(COVARIATES, model, customers.table, bayes=False)
    histories = histories_of(model, customers, learned)
    design = learned.design(model)
    values = np.array([*TRUTH[name].values(), *(EFFECTS[coefficient] for coefficient in design.coefficients)])
    return LogLikelihood(model, histories.columns, histories.weight, design), values, design


@pytest.mark.parametrize("name", NAMES)
def test_likelihood_is_that_of_each_customer_with_own_parameters(name: str) -> None:
    customers = simulated(name, 60, seed=1)
    likelihood, values, _ = _with_design(name, customers)
    table, model = customers.table, models.get(name)
    own = moved(model, TRUTH[name], table)
    total = 0.0
    for i in range(len(table)):
        parameters = {k: float(np.broadcast_to(v, len(table))[i]) for k, v in own.items()}
        row = (table[column].to_numpy(dtype=float)[i : i + 1] for column in ("frequency", "recency", "T"))
        total += float(np.sum(model.log_likelihood(*row, **parameters)))
    assert likelihood.value(values) == pytest.approx(total, rel=1e-11)  # sums of 60 terms, quadrature to 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_equal_differences(name: str) -> None:
    likelihood, values, _ = _with_design(name, simulated(name, 300, seed=2))
    value, gradient, hessian = likelihood.derivatives(values)
    assert value == pytest.approx(likelihood.value(values), rel=SUMMATION)
    h = 1e-5
    for i, step in enumerate(h * np.eye(len(values))):
        up, down = likelihood.derivatives(values + step, order=1), likelihood.derivatives(values - step, order=1)
        # central differences: h² of the third derivatives, and 1e-16 / h of rounding
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(gradient[i], rel=1e-6, abs=1e-6 * np.abs(gradient).max())
        slopes = (up[1] - down[1]) / (2 * h)
        # as gradients: what is small beside the others
        assert slopes == pytest.approx(hessian[i], rel=DIFFERENCES, abs=1e-7 * np.abs(hessian).max())
        assert up[1] == pytest.approx(likelihood.derivatives(values + step)[1], rel=SUMMATION, abs=ABSOLUTE_PREDICTION)


def test_spend_derivatives_equal_differences() -> None:
    rng, model = np.random.default_rng(3), models.get("gamma-gamma")
    x, z = rng.integers(1, 9, 200).astype(float), rng.normal(size=200)
    m = model.simulate(rng, x, **{**SPEND, "v": SPEND["v"] * np.exp(0.4 * z)})  # type: ignore[attr-defined]
    customers = clv.Customers.from_frame(
        pd.DataFrame({"frequency": x, "recency": 1.0, "T": 2.0, "monetary_value": m, "z": z}), unit="week", keep=["z"]
    )
    learned = learn(clv.Covariates(spend="z"), model, customers.table, bayes=False)
    histories = histories_of(model, customers, learned)
    likelihood = LogLikelihood(model, histories.columns, histories.weight, learned.design(model))
    values = np.array([*SPEND.values(), 0.4])
    _, gradient, hessian = likelihood.derivatives(values)
    for i, step in enumerate(1e-5 * np.eye(4)):
        up, down = likelihood.derivatives(values + step, 1), likelihood.derivatives(values - step, 1)
        # central differences: h² of the third derivatives, and 1e-16 / h of rounding
        assert (up[0] - down[0]) / 2e-5 == pytest.approx(
            gradient[i], rel=DIFFERENCES, abs=1e-6 * np.abs(gradient).max()
        )
        # as gradients: what is small beside the others
        assert (up[1] - down[1]) / 2e-5 == pytest.approx(hessian[i], rel=DIFFERENCES, abs=1e-7 * np.abs(hessian).max())


@pytest.mark.filterwarnings("ignore::clvmodels.errors.IdentificationWarning")  # of so few customers
@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_those_of_each_customer_with_own_parameters(name: str) -> None:
    customers = simulated(name, 80, seed=4)
    fitted = clv.fit(customers, name, covariates=COVARIATES, method="laplace", draws=50)
    table = customers.table
    first = table.index[[0, 1, 17]]
    asked = {
        "probability_alive": lambda fit, who: fit.probability_alive(who),
        "survival": lambda fit, who: fit.survival("26W", who),
        "expected_purchases": lambda fit, who: fit.expected_purchases("39W", who),
        "later": lambda fit, who: fit.expected_purchases("8W", who, start="13W"),
        "purchase_probability": lambda fit, who: fit.purchase_probability("1Y", who),
        "pmf": lambda fit, who: fit.purchases_pmf(2, "1Y", who),
        "dert": lambda fit, who: fit.discounted_expected_purchases(0.1, None, who),
        "time": lambda fit, who: fit.discounted_time_alive(0.1, "1Y", who),
    }
    for what, ask in asked.items():
        together = ask(fitted, customers)
        for i in first:
            row = table.loc[[i]]
            alone = clv.Customers.from_frame(row[["frequency", "recency", "T"]], unit="week")
            kind = fitted.at(**row[["channel", "age"]].iloc[0].to_dict())
            # the same quadrature over rows of their own or of all; Chebyshev on one side
            assert together.loc[i] == pytest.approx(ask(kind, alone).iloc[0], rel=1e-10), what


def test_a_new_customer_has_the_covariates_of_the_customers() -> None:
    customers = simulated("pareto/nbd", 400, seed=5)
    fitted = clv.fit(customers, "pareto/nbd", covariates=clv.Covariates(purchase="channel", dropout="channel"))
    share = (customers.table["channel"] == "web").mean()
    new = {kind: fitted.at(channel=kind).expected_purchases("39W", "new").iloc[0] for kind in ("shop", "web")}
    expected = share * new["web"] + (1 - share) * new["shop"]
    assert fitted.expected_purchases("39W", "new").iloc[0] == pytest.approx(expected, rel=SUMMATION)
    draws = fitted.expected_purchases("39W", "new", interval=0.9)
    assert draws.iloc[0, 1] < expected < draws.iloc[0, 2]


@pytest.mark.parametrize("purchase", ["channel", "channel + age"])  # few kinds; and each its own, but few by dropout
@pytest.mark.parametrize("name", ["bg/nbd", "mbg/nbd", "bg/cnbd-2", "pareto/nbd"])
def test_few_kinds_of_customers_are_predicted_as_row_by_row(
    name: str, purchase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = simulated(name, 3000, seed=9)
    fitted = clv.fit(customers, name, covariates=clv.Covariates(purchase=purchase, dropout="channel"))

    def ask() -> pd.DataFrame:
        rows = fitted.structure.population(customers)
        dert = fitted.discounted_expected_purchases(0.1, None, rows)
        return pd.DataFrame({"dert": dert, "some": fitted.purchase_probability("8W", rows, start="4W")})

    by_kind = ask()
    monkeypatch.setattr(histories, "ROWS_A_KIND", 10**9)
    assert by_kind.to_numpy() == pytest.approx(ask().to_numpy(), rel=1e-11)  # Chebyshev to 1e-12


def test_simulated_purchases_have_the_expected_mean() -> None:
    rng = np.random.default_rng(6)
    customers = simulated("bg/nbd", 20_000, seed=6)
    fitted = clv.fit(customers, "bg/nbd", covariates=COVARIATES)
    web = (customers.table["channel"] == "web").to_numpy()
    counts, expected = fitted.simulate("39W", seed=int(rng.integers(99))), fitted.expected_purchases("39W")
    for group in (web, ~web):
        error = counts[group].std() / np.sqrt(group.sum())
        assert abs(counts[group].mean() - expected[group].mean()) < 4 * error


def test_pymc_reads_the_same_density() -> None:
    customers = simulated("pareto/nbd", 200, seed=7)
    model = models.get("pareto/nbd")
    learned = learn(COVARIATES, model, customers.table, bayes=True)
    histories, design = histories_of(model, customers, learned), learned.design(model)
    values = np.array([*TRUTH["pareto/nbd"].values(), 0.5, 0.2, -0.6])
    ours = LogLikelihood(model, histories.columns, histories.weight, design).value(values)
    built = clv.build_pymc_model(customers, "pareto/nbd", covariates=COVARIATES)
    names = [*model.spec.parameters, *design.coefficients]
    point = {
        variable.name: np.log(v) if variable.name.endswith("__") else v
        for variable, v in zip(built.value_vars, values, strict=True)
    }
    assert [variable.name for variable in built.free_RVs] == names
    logp = built.compile_logp(vars=[built["histories"]], sum=True)(point)
    # PyTensor has log Γ by differences, which lose digits at large counts
    assert float(logp) == pytest.approx(ours, rel=1e-10)


def test_with_effects_of_zero_it_is_the_plain_model() -> None:
    customers = simulated("bg/nbd", 500, seed=8)
    plain = clv.fit(customers, "bg/nbd")
    held = clv.fit(customers, "bg/nbd", covariates=clv.Covariates(purchase="age", dropout="age", penalty=1e12))
    # coefficients of the size of 1e-10 are left
    assert held.own_parameters == pytest.approx(plain.parameters, rel=1e-5)
    # coefficients of the size of 1e-10 are left
    assert held.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)


def test_people_are_what_they_are_said_to_be() -> None:
    who = people(np.random.default_rng(0), 4000)
    assert who["age"].std() == pytest.approx(1.0, abs=0.05)  # four standard errors
