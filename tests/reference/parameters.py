"""Parameter values at which each model is tested: one row a model, read by laws, derivatives, covariates and recovery.

A new model needs a row here and no other; ``test_parameters.py`` fails by its name until it has one, and says what is
missing from it. A family (``bg/cnbd-k``) is tested by some of its members, each with a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference import betabinomial, bgbb, bgnbd, cnbd, gamma_gamma, ggom, mbgnbd, pareto, renewals

Values = dict[str, float]

# Columns of a history, as a model's log-likelihood takes them, mild and harsh.
HISTORIES = ((0, 0.0, 38.9), (1, 1e-6, 38.9), (1, 38.9, 38.9), (3, 20.0, 30.0), (57, 36.0, 38.9), (400, 300.0, 400.0))
OPPORTUNITIES = ((0, 0, 6), (1, 6, 6), (3, 4, 6), (6, 6, 6), (20, 30, 40))
SPENDS = ((1, 25.0), (2, 0.01), (7, 35.5), (150, 1200.0))
AMOUNTS = ((1, 25.0, 25.0), (2, 0.01, 0.004), (7, 35.5, 31.0), (150, 1200.0, 900.0))
UNPAID_OF_ALL = ((0, 1), (1, 1), (1, 9), (30, 40), (0, 400), (400, 400))
RENEWED_AND_LOST = ((0, 1), (1, 1), (3, 0), (9, 1), (60, 0))


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the tests of one model need to know.

    Attributes
    ----------
    laws
        Parameters like those of real customers, for the laws that hold for every model: some published, some with a
        mean of one in a heterogeneity, some with little dropout.
    log_likelihood
        The log-likelihood of one history in mpmath: columns by place, parameters by name.
    derivatives
        Where its derivatives are compared with those of the model: also small and large parameters, in the order of
        the model. Those of ``laws`` serve if there are none.
    histories
        For which histories.
    recovery
        The truth of customers that are simulated and fitted. Parameters that can be told from a few thousand customers.
    covariates
        The truth of customers with covariates, for models that take them.
    """

    laws: Sequence[Values] = ()
    log_likelihood: Callable[..., Any] | None = None
    derivatives: Sequence[Sequence[float]] = ()
    histories: Sequence[tuple[float, ...]] = HISTORIES
    recovery: Values | None = None
    covariates: Values | None = None

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters, in the order of the model."""
        return list(next(filter(None, (*self.laws, self.recovery, self.covariates)), {}))


PURCHASES = {
    "bg/nbd": Row(
        laws=[
            {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
            {"r": 1.7, "alpha": 9.0, "a": 1.0, "b": 3.0},
            {"r": 5.0, "alpha": 20.0, "a": 0.2, "b": 0.4},
        ],
        log_likelihood=bgnbd.log_likelihood,
        derivatives=[
            [0.243, 4.414, 0.793, 2.426],
            [1.0, 1.0, 1.0, 1.0],
            [0.01, 50.0, 30.0, 0.02],
            [20.0, 0.1, 0.01, 200.0],
        ],
        recovery={"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.5},
        covariates={"r": 0.55, "alpha": 6.0, "a": 0.8, "b": 2.4},
    ),
    "mbg/nbd": Row(
        laws=[
            {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
            {"r": 1.7, "alpha": 9.0, "a": 1.0, "b": 3.0},
            {"r": 5.0, "alpha": 20.0, "a": 0.2, "b": 0.4},
        ],
        log_likelihood=mbgnbd.log_likelihood,
        derivatives=[
            [0.525, 6.183, 0.891, 1.614],
            [1.0, 1.0, 1.0, 1.0],
            [0.01, 50.0, 30.0, 0.02],
            [20.0, 0.1, 0.01, 200.0],
        ],
        recovery={"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.5},
        covariates={"r": 0.55, "alpha": 6.0, "a": 0.8, "b": 2.4},
    ),
    "nbd": Row(
        laws=[{"r": 0.385, "alpha": 12.072}, {"r": 5.0, "alpha": 20.0}],
        log_likelihood=mbgnbd.nbd_log_likelihood,
        derivatives=[[0.385, 12.072], [1.0, 1.0], [0.01, 50.0], [20.0, 0.1]],
        recovery={"r": 0.6, "alpha": 6.0},
        covariates={"r": 0.55, "alpha": 8.0},
    ),
    "pareto/nbd": Row(
        laws=[
            {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
            {"r": 1.7, "alpha": 9.0, "s": 1.0, "beta": 9.0},
            {"r": 5.0, "alpha": 20.0, "s": 3.0, "beta": 40.0},
        ],
        log_likelihood=pareto.log_likelihood,
        derivatives=[[0.553, 10.578, 0.606, 11.669], [1.0, 1.0, 1.0, 1.0], [20.0, 0.1, 0.01, 200.0]],
        recovery={"r": 0.9, "alpha": 6.0, "s": 0.8, "beta": 12.0},
        covariates={"r": 0.55, "alpha": 8.0, "s": 0.8, "beta": 11.0},
    ),
    "ggom/nbd": Row(
        laws=[
            {"r": 0.553, "alpha": 10.578, "b": 0.02, "s": 0.6, "beta": 0.3},
            {"r": 1.7, "alpha": 9.0, "b": 0.1, "s": 1.0, "beta": 1.0},
            {"r": 5.0, "alpha": 20.0, "b": 0.2, "s": 0.4, "beta": 2000.0},
        ],
        log_likelihood=ggom.log_likelihood,
        derivatives=[[0.553, 10.578, 0.02, 0.6, 0.3], [2.0, 20.0, 0.3, 0.7, 300.0]],
        histories=[HISTORIES[i] for i in (0, 2, 3, 4)],
        recovery={"r": 0.8, "alpha": 4.0, "b": 0.3, "s": 1.2, "beta": 400.0},
        covariates={"r": 0.55, "alpha": 8.0, "b": 0.08, "s": 0.7, "beta": 0.9},
    ),
    "bg/cnbd-2": Row(
        laws=[
            {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
            {"r": 5.0, "alpha": 20.0, "a": 0.2, "b": 0.4},
        ],
        log_likelihood=cnbd.likelihood_of(2, modified=False),
        derivatives=[[0.243, 4.414, 0.793, 2.426], [1.0, 1.0, 1.0, 1.0], [20.0, 0.1, 0.01, 200.0]],
        recovery={"r": 0.9, "alpha": 3.0, "a": 0.9, "b": 2.5},
        covariates={"r": 0.55, "alpha": 3.0, "a": 0.8, "b": 2.4},
    ),
    "mbg/cnbd-2": Row(covariates={"r": 0.55, "alpha": 3.0, "a": 0.8, "b": 2.4}),
    "mbg/cnbd-3": Row(
        laws=[{"r": 0.525, "alpha": 2.0, "a": 0.891, "b": 1.614}, {"r": 1.7, "alpha": 3.0, "a": 1.0, "b": 3.0}],
        log_likelihood=cnbd.likelihood_of(3, modified=True),
        derivatives=[[0.525, 2.0, 0.891, 1.614], [0.01, 50.0, 30.0, 0.02]],
        recovery={"r": 0.9, "alpha": 2.0, "a": 0.9, "b": 2.5},
    ),
    "bg/bb": Row(
        laws=[
            {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783},
            {"alpha": 1.0, "beta": 9.0, "gamma": 1.0, "delta": 20.0},
        ],
        log_likelihood=bgbb.log_likelihood,
        derivatives=[[1.204, 0.75, 0.657, 2.783], [1.0, 1.0, 1.0, 1.0], [0.01, 50.0, 30.0, 0.02]],
        histories=OPPORTUNITIES,
        recovery={"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 2.8},
    ),
}

SPEND = {
    "gamma-gamma": Row(
        log_likelihood=gamma_gamma.log_likelihood,
        derivatives=[[6.25, 3.744, 15.44], [1.0, 1.0, 1.0], [0.05, 0.5, 200.0], [300.0, 20.0, 0.5]],
        histories=SPENDS,
        recovery={"p": 6.25, "q": 3.74, "v": 15.44},
        covariates={"p": 6.0, "q": 4.0, "v": 15.0},
    ),
    "gamma-gamma-amounts": Row(
        log_likelihood=gamma_gamma.log_likelihood_of_amounts,
        derivatives=[[6.25, 3.744, 15.44], [1.0, 1.0, 1.0], [0.05, 0.5, 200.0], [300.0, 20.0, 0.5]],
        histories=AMOUNTS,
        recovery={"p": 3.4, "q": 4.5, "v": 36.0},
    ),
}

RENEWALS = {
    "sbg": Row(
        log_likelihood=renewals.log_likelihood,
        histories=RENEWED_AND_LOST,
        laws=[{"alpha": 0.668, "beta": 3.806}, {"alpha": 1e-3, "beta": 1e3}, {"alpha": 1e3, "beta": 1e-3}],
        recovery={"alpha": 0.8, "beta": 2.5},
    ),
    "bdw": Row(
        log_likelihood=renewals.log_likelihood,
        histories=RENEWED_AND_LOST,
        laws=[
            {"alpha": 0.259, "beta": 1.722, "c": 1.584},
            {"alpha": 0.7, "beta": 1.2, "c": 1.0},
            {"alpha": 0.05, "beta": 0.01, "c": 0.3},
            {"alpha": 40.0, "beta": 2e3, "c": 3.0},
        ],
        recovery={"alpha": 0.8, "beta": 2.5, "c": 1.3},
    ),
}

PAYMENTS = {
    "beta-binomial": Row(
        log_likelihood=betabinomial.log_likelihood,
        derivatives=[[1.0, 19.0], [0.01, 5.0], [200.0, 0.3]],
        histories=UNPAID_OF_ALL,
        laws=[{"a": 1.0, "b": 19.0}, {"a": 0.01, "b": 5.0}, {"a": 200.0, "b": 0.3}],
        recovery={"a": 1.0, "b": 19.0},
    ),
}

PARAMETERS: dict[str, Row] = PURCHASES | SPEND | RENEWALS | PAYMENTS
