"""Gradient and Hessian of Pareto/NBD with many covariates by week, as multiples of the likelihood's own time.

600 customers, 60 weeks, one thread. Derivatives written by hand, which those by jets have replaced, took 6 likelihoods
with 6 coefficients, 7.5 with 9 and 9 with 15; at most 1.5 times as much is asserted. (Jets that carry all coefficients
take 10, 21 and 33.)
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from clvmodels.inference.data.calendar_histories import Calendar, histories
from clvmodels.inference.data.design import Design, Part
from clvmodels.inference.posterior.calendar_likelihood import VaryingLikelihood
from clvmodels.models.purchases import paretonbd
from tests.reference import day_by_day

PARAMETERS = {"r": 0.8, "alpha": 9.0, "s": 0.6, "beta": 14.0}
CUSTOMERS, WEEKS = 600, 60
BY_HAND = {6: 6.0, 9: 7.5, 15: 9.0}


def _likelihood(coefficients: int, *, own: bool) -> VaryingLikelihood:
    """Half of the coefficients for each process; covariates of 0 and 1, and one number."""
    rng, p = np.random.default_rng(coefficients), (coefficients + 1) // 2
    kinds = CUSTOMERS if own else 1
    table = rng.integers(0, 2, (kinds * WEEKS, p)).astype(float)
    table[:, 0] = rng.normal(size=len(table))
    codes = np.arange(len(table)).reshape(kinds, WEEKS)
    calendar = Calendar(7.0 * np.arange(WEEKS + 1), codes, table, table[:, : coefficients - p])
    first, days = rng.integers(0, 90, CUSTOMERS).astype(float), np.ones(7 * WEEKS)
    data = day_by_day.simulate(rng, first, days, days, **PARAMETERS, days_per_unit=7.0)
    x, t_x, T, seen = data.upto(7.0 * WEEKS - 1.0)
    kind = np.arange(CUSTOMERS) if own else np.zeros(CUSTOMERS, dtype=np.intp)
    made = histories(calendar, kind, first, x, t_x, T, data.buyer[seen], data.day[seen], days_per_unit=7.0)
    parts = tuple(
        Part(process, paretonbd.SPEC.covariates[process], columns, np.arange(columns.start, columns.stop))
        for process, columns in (("purchase", slice(0, p)), ("dropout", slice(p, coefficients)))
    )
    return VaryingLikelihood(made, Design(("",) * coefficients, parts, np.ones(coefficients)))


def _quickest(function: Callable[[], object], rounds: int = 15) -> float:
    """Of several, in time of the processor, so that what else the machine does counts little."""
    times = []
    for _ in range(rounds):
        begin = time.thread_time()
        function()
        times.append(time.thread_time() - begin)
    return min(times)


@pytest.mark.parametrize("own", [False, True], ids=["the same for all", "each customer's own"])
@pytest.mark.parametrize("coefficients", list(BY_HAND))
def test_derivatives_varying(benchmark, coefficients, own):
    likelihood = _likelihood(coefficients, own=own)
    values = np.concatenate([list(PARAMETERS.values()), np.linspace(-0.3, 0.3, coefficients)])
    benchmark.group = f"derivatives of pareto/nbd by week, {coefficients} coefficients"
    with threadpool_limits(1):
        benchmark.pedantic(likelihood.derivatives, args=(values,), rounds=15, warmup_rounds=2)
        alone = _quickest(lambda: likelihood.value(values))
        ratio = _quickest(lambda: likelihood.derivatives(values)) / alone
    benchmark.extra_info["likelihoods"] = round(ratio, 1)
    assert ratio < 1.5 * BY_HAND[coefficients]
