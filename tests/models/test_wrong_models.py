"""A model that is not complete fails when it is asked for, with all that is missing and what it must look like."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from clvmodels import models
from clvmodels.errors import ArgumentError, ModelError
from clvmodels.models import links
from clvmodels.models.assembly import assemble
from clvmodels.models.purchases import bgnbd, nbd
from clvmodels.models.spec import Engine, Spec
from tests.reference.tolerances import MANY_ROUNDINGS

NBD = {name: value for name, value in vars(nbd).items() if callable(value) or name == "SPEC"}


def _assembled(**changes: Any) -> Any:
    """NBD with other definitions; None leaves one out."""
    source = {name: value for name, value in (NBD | changes).items() if value is not None}
    return assemble(SimpleNamespace(**source), "my.module")


def test_everything_that_is_missing_is_named_with_its_arguments() -> None:
    with pytest.raises(ModelError) as found:
        _assembled(survival=None, simulate=None, log_likelihood=None)
    message = str(found.value)
    assert message.startswith("Model 'nbd' in my.module is not complete: ")
    assert "log_likelihood(x, t_x, T, *, xp, r, alpha) is missing" in message
    assert "survival(x, T, t, *, r, alpha) is missing" in message
    assert "simulate(rng, T, *, r, alpha) is missing" in message
    assert "clvmodels.models.protocol.PurchaseModel says what they mean" in message


def test_functions_with_other_arguments_are_named() -> None:
    def survival(x: Any, T: Any, t: float, *, r: float, lam: float) -> Any:
        return x

    with pytest.raises(ModelError, match=r"survival must be callable as survival\(x, T, t, \*, r, alpha\), but"):
        _assembled(survival=survival)


def test_no_spec_at_all() -> None:
    with pytest.raises(ModelError, match=r"my\.module defines no model: it needs SPEC = "):
        _assembled(SPEC=None)


def test_mixture_without_weights_and_with_foreign_parameters() -> None:
    with pytest.raises(ModelError, match=r"mixture_log_weights\(x, t_x, T, \*, r, alpha\) of shape \(states, rows\)"):
        _assembled(mixture_states=(nbd,))
    with pytest.raises(ModelError, match="A mixture state of 'nbd' has the parameters a, b, which the model has not"):
        _assembled(mixture_states=(bgnbd,), mixture_log_weights=nbd.survival)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "visits"}, "kind='visits' must be one of purchases, spend, subscriptions"),
        ({"scaled": ("beta",)}, "scaled names beta, not among the parameters r, alpha"),
        ({"engine": Engine(age_sum="beta")}, r"engine\.age_sum names beta"),
        ({"engine": Engine(age_offset=("gamma", "delta"))}, r"engine\.age_offset names gamma, delta"),
        ({"covariates": {"dropout": links.odds("a", "b", "odds")}}, r"covariates\['dropout'\] names a, b"),
        (
            {"covariates": {"visit": links.rate("alpha", "rate")}},
            "covariates are of purchase, dropout, spend, default, not of visit",
        ),
        ({"data": ("x", "T")}, "units names t_x, not among the data x, T"),
        ({"scaled": ()}, "t_x and T have a unit, so that parameters depend on it"),
    ],
)
def test_a_spec_that_contradicts_itself_says_where(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(nbd.SPEC, **changes)


def test_closed_forms_must_be_predictions() -> None:
    with pytest.raises(ModelError, match=r"engine\.closed names pmf, which are no functions of a PurchaseModel"):
        _assembled(SPEC=replace(nbd.SPEC, engine=Engine(closed=("pmf",))))


def test_what_is_left_out_is_derived() -> None:
    derived, own = _assembled(expected_purchases=None, purchase_probability=None), models.get("nbd")
    x, T, parameters = np.array([0.0, 3.0]), np.array([5.0, 30.0]), {"r": 0.4, "alpha": 12.0}
    assert isinstance(own, models.PurchaseModel)
    for quantity in ("expected_purchases", "purchase_probability"):
        expected = getattr(own, quantity)(x, T, 26.0, **parameters)
        # 1 - P(none) is good to the last digit of 1
        assert getattr(derived, quantity)(x, T, 26.0, **parameters) == pytest.approx(expected, rel=1e-14)
    assert derived.diagnose(**parameters) == []
    with pytest.raises(ModelError, match="defines no purchase_probability"):
        derived.purchase_probability(x, T, 26.0, start=5.0, **parameters)


def test_a_mixture_is_for_customers_at_a_purchase() -> None:
    """What is derived for regular buyers is what their own functions say, which are for customers at a purchase."""
    own: Any = models.get("bg/cnbd-3")
    needed = ("log_likelihood", "log_odds_alive", "simulate", "mixture_log_weights")
    states = [SimpleNamespace(SPEC=state.spec, **vars(state)) for state in own.mixture_states]
    functions = {name: getattr(own, name) for name in needed}
    source = SimpleNamespace(SPEC=own.spec, mixture_states=states, **functions)
    derived: Any = assemble(source, "my.module")
    x, T = np.array([0.0, 1.0, 7.0]), np.array([0.0, 20.0, 39.0])
    parameters = {"r": 0.9, "alpha": 3.0, "a": 0.9, "b": 2.5}
    for quantity, window in (
        ("survival", (52.0,)),
        ("expected_purchases", (52.0,)),
        ("purchases_pmf", (52.0, 2)),
        ("discounted_expected_purchases", (np.inf, 0.002)),
    ):
        expected = getattr(own, quantity)(x, T, *window, **parameters)
        assert getattr(derived, quantity)(x, T, *window, **parameters) == pytest.approx(expected, rel=MANY_ROUNDINGS)


def test_a_model_is_pickled_by_its_name() -> None:
    for name in (*models.names(), "bg/cnbd-3"):
        for again in (pickle.loads(pickle.dumps(models.get(name))), copy.deepcopy(models.get(name))):
            assert again.spec.name == name
    regular: Any = models.get("bg/cnbd-3")
    with pytest.raises(ArgumentError, match="Unknown model 'bg/cnbd-3, state 1'"):
        pickle.dumps(regular.mixture_states[1])


def test_a_family_names_its_members() -> None:
    with pytest.raises(ArgumentError, match="BG/CNBD-k has a likelihood at each k only: ask for 'bg/cnbd-1'"):
        models.get("bg/cnbd-k").log_likelihood()


def test_specs_are_complete() -> None:
    for name in models.names():
        spec = models.get(name).spec
        assert isinstance(spec, Spec)
        assert spec.name == name
        assert spec.source
        assert all(spec.parameters.values())
