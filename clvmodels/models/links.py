"""How covariates enter a model: a linear predictor η = γ'z moves some of its parameters, customer by customer.

A model says in ``COVARIATES`` which process takes covariates and by which link. Links are written against ``xp`` like
the likelihoods, and read by NumPy, the jets and PyTensor. At η = 0 the parameters are the model's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special


@dataclass(frozen=True)
class Link:
    """A process with covariates.

    Attributes
    ----------
    parameters : tuple of str
        The parameters that differ by customer.
    apply
        ``apply(eta, *values, xp=...)``: those parameters of each customer.
    effect : str
        What is e^γ times as large where a covariate is larger by 1, in words.
    """

    parameters: tuple[str, ...]
    apply: Callable[..., tuple[Any, ...]]
    effect: str


def rate(scale: str, effect: str) -> Link:
    """A rate that is proportional to e^η, through its scale: alpha_i = alpha exp(-γ'z_i).

    Fader and Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models, section 2.

    Examples
    --------
    >>> import math
    >>> (alpha,) = rate("alpha", "purchase rate").apply(math.log(2.0), 10.0)
    >>> round(float(alpha), 12)
    5.0
    """
    return Link((scale,), lambda eta, value, xp=special: (value * xp.exp(-eta),), effect)


def amount(scale: str, effect: str) -> Link:
    """An amount that is proportional to e^η, through its scale: v_i = v exp(γ'z_i)."""
    return Link((scale,), lambda eta, value, xp=special: (value * xp.exp(eta),), effect)


def odds(a: str, b: str, effect: str) -> Link:
    """The odds a / b of a beta-distributed probability, proportional to e^η, with a + b the same for all customers.

    So covariates move the mean probability a / (a + b) on the logit scale and leave alone how alike customers are.
    (One γ that multiplies both a and b would do the reverse, and leave the mean where it was.)

    Examples
    --------
    >>> import math
    >>> a, b = odds("a", "b", "odds of leaving").apply(math.log(3.0), 1.0, 3.0)
    >>> round(float(a), 12), round(float(b), 12)
    (2.0, 2.0)
    """

    def apply(eta: Value, a: Value, b: Value, xp: Namespace = special) -> tuple[Value, Value]:
        total = a + b
        return total / (1.0 + b / a * xp.exp(-eta)), total / (1.0 + a / b * xp.exp(eta))

    return Link((a, b), apply, effect)
