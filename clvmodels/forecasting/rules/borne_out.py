"""Which parts of a calendar the data bear out: the others add the noise of their estimates, and go."""

from __future__ import annotations

from dataclasses import replace

from clvmodels.inference.data.clock.calendar import Calendar
from clvmodels.inference.estimation.calendar_evidence import log_bayes_factor
from clvmodels.inference.fits.kinds import PurchaseFit

# Days of the week don't move totals of weeks, so that a season has to show in its waves or at the end of the year.
# Tenure and cohort are told apart only together: one without the other takes up what is the other's.
_SEASON = ("season", "year end")
_DRIFT = ("tenure", "cohort")


def borne_out(fit: PurchaseFit, calendar: Calendar) -> Calendar | None:
    """The calendar of a fit without the parts that the evidence is against.

    Of the calendar as it is, without its season, without tenure and cohort, and of none at all, the one with the
    largest marginal likelihood: no threshold is chosen.

    Parameters
    ----------
    fit : PurchaseFit
        With this calendar.
    calendar : Calendar
        With a season, tenure and cohort, or with some of them.

    Returns
    -------
    Calendar or None
        None where nothing of it is left.
    """
    candidates: list[tuple[float, Calendar | None]] = [
        (0.0, calendar),
        (log_bayes_factor(fit, (*_SEASON, *_DRIFT)), None),
    ]
    if calendar.season is not False:
        candidates += [
            (log_bayes_factor(fit, _SEASON), replace(calendar, season=False)),
            (log_bayes_factor(fit, _DRIFT), replace(calendar, tenure=False, cohort=False)),
        ]
    return min(candidates, key=lambda one: one[0])[1]
