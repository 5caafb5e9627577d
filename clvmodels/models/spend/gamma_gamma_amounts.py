"""Gamma-Gamma from the amount of every purchase, the first one included, rather than from means of repeat purchases.

The same model: a customer's purchases z_1, …, z_x are Gamma(p, rate ν) with ν ~ Gamma(q, rate v). Number and mean tell
all there is to know of ν, but little of p, how much the amounts of one customer vary. For that the likelihood takes the
geometric mean, too.
"""

from __future__ import annotations

from dataclasses import replace

from clvmodels.models.namespace import Namespace, Value
from clvmodels.models.numerics import special
from clvmodels.models.spend import gamma_gamma
from clvmodels.models.spend.gamma_gamma import diagnose, expected_spend, simulate, simulate_future
from clvmodels.models.spend.gamma_gamma import log_likelihood as log_density_of_mean

__all__ = ["diagnose", "expected_spend", "log_density_of_mean", "log_likelihood", "simulate", "simulate_future"]

SPEC = replace(
    gamma_gamma.SPEC,
    name="gamma-gamma-amounts",
    title="Gamma-Gamma of amounts",
    source="after Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value",
    data=("x", "m", "g"),
    units=("m", "g"),
    every_purchase=True,
)


def log_likelihood(x: Value, m: Value, g: Value, *, p: Value, q: Value, v: Value, xp: Namespace = special) -> Value:
    """log L(p, q, v | z_1, …, z_x) for x >= 1 amounts with arithmetic mean m and geometric mean g.

    L = Γ(p x + q) / (Γ(p)^x Γ(q)) · v^q / (v + Σ z)^(p x + q) · Π z^(p - 1), the integral over ν of Fader and Hardie
    (2013), section 2, before they turn from the amounts to their mean. Powers are written as ratios, so that what is
    large cancels before it is computed.
    """
    spent = x * m
    shares = xp.gammaln(p * x + q) - xp.gammaln(q) - x * xp.gammaln(p)
    mean = -p * x * xp.log1p(v / spent) - q * xp.log1p(spent / v)
    return shares + mean + (p - 1.0) * x * xp.log(g / spent) - x * xp.log(spent)
