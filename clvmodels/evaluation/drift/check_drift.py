"""`check_drift`: whether what was fitted still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arguments import finite
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.evaluation.drift import measures
from clvmodels.evaluation.drift.drift import Drift
from clvmodels.evaluation.drift.measures import Measure
from clvmodels.evaluation.drift.since_fit import SinceFit
from clvmodels.inference.estimation.by_kind import fit_purchases, fit_spend
from clvmodels.inference.fits.kinds import PurchaseFit, SpendFit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.signatures import checked
from clvmodels.transactions.log.log import LogKeywords
from clvmodels.transactions.log.takes_log import takes_log

type Fits = PurchaseFit | Sequence[PurchaseFit | SpendFit]


@takes_log
@checked
def check_drift(
    log: Any,
    fits: Fits,
    *,
    observation_end: Any = None,
    level: float = 0.05,
    tolerance: float = 0.05,
    **columns: Unpack[LogKeywords],
) -> Drift:
    """What has come since a fit beside what the fit expected, and whether that is more than chance.

    Calibration: purchases, buyers and spend of those who were customers at the day of the fit. Inputs, beside as long a
    time before the fit: the spend of a purchase, the share of new customers who came back soon, and (not tested) how
    many join. Parameters: those of a new fit beside the old ones (not counted as drift).

    A measure has drifted if it changed by more than ``tolerance`` and chance explains that with a probability below
    ``level`` divided by the number of measures not yet explained (Holm 1979), so that all together raise a false alarm
    in at most a share ``level`` of logs that go on as the models say. Each variance is that of the customers, as they
    differ from their expectations, and of the fitted parameters. A fit without a calendar takes a season for drift: on
    Online Retail II, at each of 14 ends of months, "bg/nbd" does so for the two months that follow.

    Parameters
    ----------
    log : Log, frame, path or list of paths
        The log, from before the fit until now; it is read as that of the fit was.
    fits : Fit or sequence of Fit
        A fit of a purchase model, or that and a fit of a spend model, without covariates and groups.
    observation_end : str or date, optional
        Last day of the log that is used, inclusive. Default: its last day.
    level : float, default 0.05
        Share of false alarms.
    tolerance : float, default 0.05
        Changes up to this share are no drift, however certain they are.
    **columns
        What is otherwise in this log, see `clvmodels.Log`.

    Returns
    -------
    Drift
        Whether anything has ``drifted``, with a table and sentences.

    Raises
    ------
    ArgumentError
        The fits are not one of purchases and at most one of spend, are not plain, or don't know their last day.
    DataError
        The log doesn't go on after the last day of the fit.

    See Also
    --------
    evaluate : Tests models on held-out days, before they are used.

    Examples
    --------
    >>> import clvmodels as clv
    >>> seasons = clv.datasets.simulate_log(20_000, start="2023-01-01", end="2023-12-31", season={11: 1.3, 12: 1.3})
    >>> names = {"customer": "customer_id", "date": "date", "amount": "amount"}
    >>> fit = clv.fit(clv.summarize(seasons, observation_end="2023-10-31", **names), "bg/nbd")
    >>> drift = clv.check_drift(seasons, fit)
    >>> drift.drifted, float(drift.table.loc["purchases of known customers", "change"]) > 0.2
    (True, True)
    """
    purchases, spend = _both(fits)
    finite("level", level, "a share above 0 and below 0.5", least=1e-6, most=0.5)
    finite("tolerance", tolerance, "a share from 0 to 10", least=0.0, most=10.0)
    since = SinceFit.of(log, purchases, observation_end, dict(columns))
    tested = [measures.purchases(since, purchases), measures.buyers(since, purchases), measures.gaps(since)]
    shown = [measures.joining(since)]
    if measures.is_plain(purchases):
        shown.append(measures.parameters(purchases, fit_purchases(since.now, purchases.model)))
    if spend is not None:
        tested += [measures.spend(since, spend), measures.spend_before_and_since(since)]
        shown.append(measures.parameters(spend, fit_spend(since.now, spend.model)))
    known, now = since.known.observation_end, since.now.observation_end
    assert known is not None
    assert now is not None
    return Drift(
        _table([one for one in tested if one], [one for one in shown if one], level, tolerance), known, now, level
    )


def _both(fits: Fits) -> tuple[PurchaseFit, SpendFit | None]:
    """The fit of purchases and that of spend, if they are of a kind that can be checked."""
    every: list[Any] = list(fits) if isinstance(fits, list | tuple) else [fits]
    purchases = [fit for fit in every if isinstance(fit, PurchaseFit)]
    spend = [fit for fit in every if isinstance(fit, SpendFit)]
    if len(purchases) != 1 or len(spend) > 1 or len(purchases) + len(spend) != len(every):
        raise ArgumentError("fits must be a fit of a purchase model, or that and a fit of a spend model.")
    for fit in every:
        known = measures.is_plain(fit) or isinstance(fit.structure, ClockStructure)
        if not known or fit.definition.spec.discrete:
            raise ArgumentError(
                "Drift is checked for fits without covariates and groups, and of models of days; the fit of "
                f"{fit.definition.spec.title} is another one. Use evaluate() on the log until now."
            )
    return purchases[0], spend[0] if spend else None


def _table(tested: list[Measure], shown: list[Measure], level: float, tolerance: float) -> pd.DataFrame:
    table = pd.DataFrame([asdict(one) for one in [*tested, *shown]]).set_index("name").rename_axis("measure")
    p = np.array([one.p_value for one in tested])
    change = np.array([one.change for one in tested])
    certain = np.zeros(len(table), dtype=bool)
    certain[: len(tested)] = _holm(p, level) & (np.abs(change) > tolerance)
    return table.assign(drifted=certain)


def _holm(p: Array, level: float) -> NDArray[np.bool_]:
    """Which hypotheses are rejected, so that any that holds is with a probability of at most ``level``."""
    order = np.argsort(p)
    small = p[order] <= level / np.arange(len(p), 0, -1)
    rejected = np.zeros(len(p), dtype=bool)
    rejected[order] = np.logical_and.accumulate(small)
    return rejected
