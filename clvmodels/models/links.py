"""How covariates enter a model: a linear predictor η = γ'z moves some of its parameters, customer by customer.

A model says in ``Spec.covariates`` which process takes covariates and by which link. Links are written against ``xp``
like the likelihoods, for NumPy, the jets and PyTensor. At η = 0 the parameters are the model's own.
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
    apply : callable
        ``apply(eta, *values, xp=...)``: those parameters of each customer, from the linear predictor η and the values
        at η = 0.
    effect : str
        What is e^γ times as large where a covariate is larger by 1, in words.
    """

    parameters: tuple[str, ...]
    apply: Callable[..., tuple[Any, ...]]
    effect: str


def rate(scale: str, effect: str) -> Link:
    """A rate that is proportional to e^η, through its scale: alpha_i = alpha exp(-γ'z_i).

    Fader and Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models, section 2.

    Parameters
    ----------
    scale : str
        Name of the parameter by which the rate is divided.
    effect : str
        The rate, in words: "purchase rate".

    Returns
    -------
    Link

    Examples
    --------
    >>> import math
    >>> (alpha,) = rate("alpha", "purchase rate").apply(math.log(2.0), 10.0)
    >>> round(float(alpha), 12)
    5.0
    """
    return Link((scale,), lambda eta, value, xp=special: (value * xp.exp(-eta),), effect)


def amount(scale: str, effect: str) -> Link:
    """An amount, or odds, proportional to e^η, through a parameter that it is proportional to: v_i = v exp(γ'z_i).

    Parameters
    ----------
    scale : str
        Name of the parameter.
    effect : str
        The amount, in words: "mean spend".

    Returns
    -------
    Link

    Examples
    --------
    >>> import math
    >>> (v,) = amount("v", "mean spend").apply(math.log(2.0), 15.0)
    >>> round(float(v), 12)
    30.0
    """
    return Link((scale,), lambda eta, value, xp=special: (value * xp.exp(eta),), effect)


def odds(a: str, b: str, effect: str) -> Link:
    """The odds a / b of a beta-distributed probability, proportional to e^η, with a + b the same for all customers.

    So covariates move the mean probability a / (a + b) on the logit scale and leave alone how alike customers are.
    (One γ that multiplies both a and b would do the reverse, and leave the mean where it was.)

    Parameters
    ----------
    a, b : str
        Names of the parameters of the beta distribution.
    effect : str
        The odds, in words: "odds of leaving after a purchase".

    Returns
    -------
    Link

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
