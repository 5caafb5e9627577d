"""A scorer of fits: their parameters and what is asked, without their data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from clvmodels.errors import ArgumentError, UnsupportedPrediction
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.inference.population.structure import Structure
from clvmodels.scoring.predicted import Terms
from clvmodels.scoring.scorer import Fitted, Scorer
from clvmodels.transactions.horizons import horizon_in_units
from clvmodels.transactions.units import Span, span_in_units
from clvmodels.value.costs import per_customer
from clvmodels.value.next_purchase.stages import StageRules

RISK_HORIZON = "1Y"  # of counts and risks where values are for life
type Fits = PurchaseFit | Sequence[PurchaseFit | SpendFit]


def purchases_and_spend(fits: Fits) -> tuple[PurchaseFit, SpendFit | None]:
    """The fit of purchases and that of spend, in any order.

    Parameters
    ----------
    fits
        A fit of a purchase model, or that and one of a spend model.

    Raises
    ------
    ArgumentError
        They are something else.
    """
    every = list(fits) if isinstance(fits, list | tuple) else [fits]
    purchases = [fit for fit in every if isinstance(fit, PurchaseFit)]
    spend = [fit for fit in every if isinstance(fit, SpendFit)]
    if len(purchases) != 1 or len(spend) > 1 or len(purchases) + len(spend) != len(every):
        raise ArgumentError("fits must be a fit of a purchase model, or that and a fit of a spend model.")
    return purchases[0], spend[0] if spend else None


def terms_of(
    purchases: PurchaseFit,
    horizon: Span | None,
    end: pd.Timestamp | None,
    conditions: Mapping[str, Any],
    stages: StageRules,
    ids: pd.Index[Any],
) -> Terms:
    """What is asked, with a horizon that ends on the day of the calendar.

    Parameters
    ----------
    purchases
        Whose unit horizons are in.
    horizon
        As in `clvmodels.score`.
    end
        The last day of the data, if it is known.
    conditions
        ``annual_discount_rate``, ``margin`` and costs, as in `clvmodels.score`.
    stages
        Thresholds.
    ids
        The customers, for margins and costs that each has their own of.
    """
    ahead = horizon_in_units(end, RISK_HORIZON if horizon is None else horizon, purchases.unit)
    costs = {name: per_customer(value, ids, name) for name, value in conditions.items() if name != _RATE}
    return Terms(
        unit=purchases.unit,
        horizon=span_in_units(ahead, purchases.unit),
        for_life=horizon is None,
        annual_discount_rate=conditions[_RATE],
        stages=stages,
        **costs,
    )


def scorer_of(
    fits: Fits,
    *,
    horizon: Span | None,
    observation_end: pd.Timestamp | None,
    unit: str,
    stages: StageRules | None = None,
    **conditions: float,
) -> Scorer:
    """A scorer, which needs neither the fits nor their data.

    Parameters
    ----------
    fits : Fit or sequence of Fit
        A fit of a purchase model, or that and a fit of a spend model, without covariates and groups.
    horizon : float, str or None
        As in `clvmodels.score`.
    observation_end : pandas.Timestamp or None
        The last day of the summary that is scored.
    unit : str
        Of its recency and T.
    stages : StageRules, optional
        Thresholds of the stages.
    **conditions
        ``annual_discount_rate``, ``margin``, ``cost_per_purchase`` and ``retention_cost_per_year`` as numbers.

    Raises
    ------
    UnsupportedPrediction
        What a fit says of a customer depends on more than the summary.
    ArgumentError
        A horizon, rate or cost has no meaning.

    Examples
    --------
    >>> import numpy as np
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", observation_end="1997-09-30")
    >>> fits = [clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")]
    >>> scorer = scorer_of(fits, horizon="39W", observation_end=customers.observation_end, unit="week", margin=0.3)
    >>> found = scorer.of_arrays(np.array([2.0]), np.array([30.43]), np.array([38.86]), np.array([22.35]))
    >>> found["lifetime_value"].round(2)
    array([8.77])
    """
    purchases, spend = purchases_and_spend(fits)
    for fit in (purchases, spend):
        _check_plain(fit)
    clock = purchases.structure.clock if isinstance(purchases.structure, ClockStructure) else None
    if clock is not None and observation_end is None:
        raise ArgumentError(
            "A fit with a calendar scores by dates, and the end of the observation is not known. Pass observation_end=."
        )
    no_costs = {_RATE: 0.10, "margin": 1.0, "cost_per_purchase": 0.0, "retention_cost_per_year": 0.0}
    terms = terms_of(
        purchases, horizon, observation_end, no_costs | conditions, stages or StageRules(), pd.RangeIndex(0)
    )
    return Scorer(
        purchases=Fitted(purchases.model, purchases.parameters),
        spend=None if spend is None else Fitted(spend.model, spend.parameters),
        terms=terms,
        summary_unit=unit,
        clock=None if clock is None else clock.to_json(),
        observation_end=None if observation_end is None else f"{observation_end:%Y-%m-%d}",
        currency=None if spend is None else spend.currency,
    )


_RATE = "annual_discount_rate"


def _check_plain(fit: Fit | None) -> None:
    """A fit that knows customers by their summary alone."""
    if fit is None or (_is_plain(fit.structure) and not fit.definition.spec.every_purchase):
        return
    columns = ", ".join(map(repr, fit.structure.customer_columns))
    if _is_plain(fit.structure):
        why = 'sees every purchase of a customer, and a summary has their mean: fit "gamma-gamma"'
    elif columns:
        why = f"knows customers by {columns} too"
    else:
        why = "has groups, and knows customers by more than their summary"
    raise UnsupportedPrediction(
        f"{fit.definition.spec.title} of this fit {why}. Rows of a summary are scored by fits without covariates "
        "and groups; clvmodels.score(customers, fits) takes all."
    )


def _is_plain(structure: Structure) -> bool:
    """Whether customers differ by their histories and dates alone."""
    return type(structure) is Structure or (isinstance(structure, ClockStructure) and structure.covariates is None)
