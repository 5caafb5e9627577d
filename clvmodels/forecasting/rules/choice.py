"""Which models "auto" takes: those that the length of the log allows, unless a simpler one did better at earlier dates.

A calendar earns its keep on most logs and costs a little where there is none to be seen; only the log itself can tell.
So BG/NBD and MBG/NBD without a calendar are tried on its inner holdouts, none of which reaches past the end of the
observation. One of them takes over if its P(a purchase) had the better log score at *every* date, and its totals were
no further off on average. There have to be four dates: fewer agree by chance too often, since they overlap.

`evaluation.studies.choice` prints what that does. Taking the best mean log score instead made both the log score and
the totals of the days to come worse there, and so did taking the best totals: inner holdouts are few. Not among those
tried are (M)BG/CNBD-2, which likelihood prefers, and Pareto/NBD, which takes ten times as long: without a calendar both
have a worse log score than BG/NBD on both logs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from clvmodels import formats, models
from clvmodels.forecasting.rules.gate import AUTO, BY_LENGTH, FittedRule, Rule
from clvmodels.forecasting.rules.inner_holdouts import EarlierForecast, EarlierForecasts, each_earlier
from clvmodels.forecasting.timeline.purchase_record import PurchaseRecord
from clvmodels.inference.fits.kinds import SpendFit

SIMPLER = ("bg/nbd", "mbg/nbd")
LEAST_DATES = 4


@dataclass(frozen=True, eq=False)
class Choice:
    """Which models "auto" took, and why.

    Attributes
    ----------
    model : str
        What they are called as ``model=``: "by-length", or the name of a model.
    sentence : str
        The reason.
    table : pandas.DataFrame
        One row a candidate (``model``) and earlier date (``origin``): ``log_score`` of P(a purchase), the smaller the
        better, and ``purchases_error``, log(actual / expected). A candidate is dropped at the first date at which it
        is no better.
    seconds : float
        What trying the others took.
    """

    model: str
    sentence: str
    table: pd.DataFrame
    seconds: float

    @property
    def cost(self) -> str:
        """What trying the others took, in a sentence; empty if none was tried."""
        tried = len(self.table.index.unique("model")) > 1
        return f"Trying other models took {self.seconds:.1f} seconds." if tried else ""

    def __repr__(self) -> str:
        return f"{' '.join([self.sentence, self.cost]).strip()}\n\n{self.table.to_string()}"


@dataclass(frozen=True, eq=False)
class Tried:
    """A rule, fitted, and how it did at earlier dates.

    Attributes
    ----------
    rule : Rule
        Which models.
    fitted : FittedRule
        To all that is known.
    earlier : EarlierForecasts
        The same on earlier dates.
    choice : Choice or None
        Why this rule, if it was chosen.
    """

    rule: Rule
    fitted: FittedRule
    earlier: EarlierForecasts
    choice: Choice | None = None


def choose(
    usual: Tried, record: PurchaseRecord | None, spend: str | SpendFit | None, horizon_days: int, by: str
) -> Tried:
    """What "auto" takes; any other rule stays as it is.

    Parameters
    ----------
    usual : Tried
        The rule by the length of the log.
    record : PurchaseRecord or None
        The purchases until the end of the observation, if they are known.
    spend, horizon_days, by
        As in `earlier_forecasts`.
    """
    if usual.rule.model != AUTO:
        return usual
    begin = time.perf_counter()
    found = usual.earlier.found
    rivals: dict[str, list[EarlierForecast]] = {}
    if record is not None and len(found) >= LEAST_DATES:
        for name in (name for name in SIMPLER if _title(name) != usual.fitted.title):
            rivals[name] = _while_better(found, Rule(name), record, spend, horizon_days, by)
    ahead = [name for name, own in rivals.items() if _takes_over(own, found)]
    best = min(ahead, key=lambda name: _mean_log_score(rivals[name]), default=None)
    chosen = usual
    if best is not None and record is not None:
        rule, own = Rule(best), tuple(rivals[best])
        fitted = rule.fit(record.customers, record.observed_days, own[0].fitted)
        chosen = Tried(rule, fitted, EarlierForecasts(own))
    sentence, seconds = _sentence(usual, best, rivals), time.perf_counter() - begin
    return replace(chosen, choice=Choice(best or BY_LENGTH, sentence, _table(found, rivals), seconds))


def _while_better(
    found: Sequence[EarlierForecast],
    rule: Rule,
    record: PurchaseRecord,
    spend: str | SpendFit | None,
    horizon_days: int,
    by: str,
) -> list[EarlierForecast]:
    """Earlier forecasts of a rival up to the first that is no better than what was found, or can't be made."""
    usual = {one.origin: one for one in found}
    own: list[EarlierForecast] = []
    for one in each_earlier(record, rule, spend, horizon_days, by):
        if one is None:
            return own
        if one.origin in usual:
            own.append(one)
            if not one.log_score < usual[one.origin].log_score:
                return own
    return own


def _takes_over(own: Sequence[EarlierForecast], found: Sequence[EarlierForecast]) -> bool:
    """Whether a rival was better at every date, and its totals no further off."""
    if [one.origin for one in own] != [one.origin for one in found] or not own[-1].log_score < found[-1].log_score:
        return False
    off, usual = (np.mean([abs(one.purchases_error) for one in every]) for every in (own, found))
    return bool(off <= usual)


def _mean_log_score(own: Sequence[EarlierForecast]) -> float:
    return float(np.mean([one.log_score for one in own]))


def _table(found: Sequence[EarlierForecast], rivals: dict[str, list[EarlierForecast]]) -> pd.DataFrame:
    """Scores by candidate and date."""
    rows = [
        (name, one.origin, one.log_score, one.purchases_error)
        for name, every in ((BY_LENGTH, found), *rivals.items())
        for one in every
    ]
    table = pd.DataFrame(rows, columns=["model", "origin", "log_score", "purchases_error"])
    return table.set_index(["model", "origin"])


def _sentence(usual: Tried, best: str | None, rivals: dict[str, list[EarlierForecast]]) -> str:
    """Why the models were chosen."""
    title = usual.fitted.title
    if not rivals:
        return (
            f"{title}: what the length of the log allows, as there are fewer than {LEAST_DATES} earlier dates to try "
            "simpler models beside it."
        )
    dates = formats.plural(len(usual.earlier.found), "earlier date")
    if best is not None:
        return (
            f"{_title(best)}: its probabilities of a purchase were better at all {dates} than those of {title}, which "
            "the length of the log allows, and its totals no further off."
        )
    others = " and ".join(_title(name) for name in rivals)
    were, none = ("were", "neither was") if len(rivals) > 1 else ("was", "it was not")
    return (
        f"{title}: what the length of the log allows. {others} {were} tried beside it at {dates}, and {none} better at "
        "every one."
    )


def _title(name: str) -> str:
    return str(models.get(name).spec.title)
