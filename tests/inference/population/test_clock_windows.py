"""Windows on a clock: several together, and those that begin later, beside one customer and one window at a time."""

import numpy as np
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.inference.fits.kinds import PurchaseFit
from clvmodels.inference.population import quantities
from clvmodels.inference.population.clock.population import ClockPopulation
from tests.reference.tolerances import PREDICTION


@pytest.fixture(scope="module", params=["bg/nbd", "mbg/nbd", "nbd"])
def on_clock(request: pytest.FixtureRequest) -> tuple[PurchaseFit, ClockPopulation]:
    customers = clv.summarize(
        clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", observation_end="1997-12-31",
        keep_purchases=True,
    )  # fmt: skip
    fit = clv.fit(customers, request.param, calendar=clv.Calendar(season=2))
    assert isinstance(fit, PurchaseFit)
    population = fit.population(customers)
    assert isinstance(population, ClockPopulation)
    return fit, population.take(np.arange(0, len(population), 97))


def test_a_window_that_begins_later_is_the_models_own(on_clock: tuple[PurchaseFit, ClockPopulation]) -> None:
    fit, rows = on_clock
    found = rows.given_alive(fit.parameters, "purchase_probability", 4.0, start=9.0)
    shown, model = rows._at(fit.parameters), models.get(fit.model)
    waiting, length = rows._lengths(shown, np.array([0.0, 9.0, 13.0]))
    x, _, T = shown.columns
    own = {name: fit.parameters[name] for name in model.spec.parameters}
    for i in range(len(rows)):
        expected = model.purchase_probability(x[[i]], T[[i]], float(length[i]), start=float(waiting[i]), **own)
        assert found[i] == pytest.approx(float(expected[0]), rel=PREDICTION)


def test_purchases_until_several_ends_are_those_until_each(on_clock: tuple[PurchaseFit, ClockPopulation]) -> None:
    fit, rows = on_clock
    ends = [2.0, 13.0, 52.0]
    together = rows.evaluate(quantities.purchases_until(ends), fit.parameters)
    for end, row in zip(ends, together, strict=True):
        alone = rows.evaluate(quantities.expected("expected_purchases", end), fit.parameters)
        np.testing.assert_allclose(row, alone, rtol=PREDICTION)
