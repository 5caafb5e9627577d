"""What can be asked of a fit with a calendar beside its predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd

from clvmodels.errors import ArgumentError, UnsupportedMethod
from clvmodels.inference.fits.calendar_effects import calendar_table, in_words
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.population.clock.structure import ClockStructure
from clvmodels.signatures import checked
from clvmodels.transactions.calendar_covariates import day_of


class FitOnClock(Fit):
    """A fit that may have a calendar."""

    @property
    def effective_parameters(self) -> float:
        """How many parameters the data determine: each counts by how much its prior leaves open.

        k - tr(P Σ), with P the precision of the priors of the calendar's coefficients and Σ the covariance.
        """
        if not isinstance(self.structure, ClockStructure):
            return super().effective_parameters
        size = len(self.structure.clock.coefficients)
        held = np.trace(self.structure.clock.precision @ self.covariance_log[-size:, -size:])
        return float(super().effective_parameters - held)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """As `Fit.summary`; with a calendar ``attrs["calendar"]`` says in words what it does.

        Parameters
        ----------
        level : float
            Level of the interval.

        Returns
        -------
        pandas.DataFrame
            One row a parameter, with the columns of `Fit.summary`.

        Raises
        ------
        ArgumentError
            The level is not between 0 and 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", keep_purchases=True)
        >>> fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar())
        >>> fit.summary().attrs["calendar"][0]
        'March 1.2 times an average month, September 0.84 times.'
        """
        table = super().summary(level)
        if isinstance(self.structure, ClockStructure):
            clock = self.structure.clock
            table.attrs["calendar"] = in_words(clock, calendar_table(self.estimate, clock, level))
        return table

    @checked
    def calendar_effects(self, level: float = 0.95) -> pd.DataFrame:
        """What the calendar does, in numbers and in words.

        Parameters
        ----------
        level : float
            Level of the bounds (delta method, on the log scale).

        Returns
        -------
        pandas.DataFrame
            One row a month, weekday, special day, step of tenure, and for cohorts: ``part``, ``factor`` (how many times
            as often customers buy as on average, as without it, as in the first year, or as those a year before),
            ``lower``, ``upper`` and ``effect``, the same in words.

        Raises
        ------
        UnsupportedMethod
            The fit has no calendar.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", keep_purchases=True)
        >>> fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar())
        >>> fit.calendar_effects().loc["days 1 to 14", "effect"]
        '45 % more often than in the first year on average'
        """
        return calendar_table(self.estimate, self._clock_structure().clock, level)

    @checked
    def with_calendar(self, factors: Mapping[Any, float] | pd.Series[float]) -> Self:
        """The same fit with other days to come: for a campaign, a closed shop, or a December that is half as strong.

        Parameters
        ----------
        factors : pandas.Series or dict
            By day after the end of the observation: how many times as often customers buy as the calendar says. Empty
            for the calendar as it was fitted.

        Returns
        -------
        Fit
            With the same parameters and draws.

        Raises
        ------
        UnsupportedMethod
            The fit has no calendar.
        ArgumentError
            A day is none or not after the end of the observation, or a factor is not positive.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30", keep_purchases=True)
        >>> fit = clv.fit(customers, "mbg/nbd", calendar=clv.Calendar())
        >>> campaign = pd.Series(2.0, index=pd.date_range("1997-12-01", periods=14))
        >>> busy = fit.with_calendar(campaign)
        >>> round(float(busy.expected_purchases("13W").sum() / fit.expected_purchases("13W").sum()), 2)
        1.14
        """
        structure = self._clock_structure()
        changes = _log_factors(factors, structure.clock.end)
        changed = structure.with_clock(structure.clock.with_changes(changes))
        return replace(self, structure=changed, fitted_structure=self.fitted_structure or structure)

    # --- private helpers ----------------------------------------------------------------------------------------------

    def _clock_structure(self) -> ClockStructure:
        """The structure; a method, since a property that raises an AttributeError would be looked for elsewhere."""
        if not isinstance(self.structure, ClockStructure):
            raise UnsupportedMethod("This fit has no calendar. Pass calendar=clvmodels.Calendar() to fit.")
        return self.structure

    def _without(self) -> set[str]:
        without = super()._without()
        if isinstance(self.structure, ClockStructure):
            return without
        return without | {"calendar_effects", "with_calendar"}

    def _shown(self) -> pd.DataFrame:
        """The parameters without the coefficients of the calendar, which `_remarks` says in words."""
        table = super()._shown()
        if not isinstance(self.structure, ClockStructure):
            return table
        return table.drop(index=list(self.structure.clock.coefficients))

    def _remarks(self) -> list[str]:
        return [*super()._remarks(), *self.summary().attrs.get("calendar", [])]


def _log_factors(factors: Mapping[Any, float] | pd.Series[float], end: float) -> dict[int, float]:
    """Logs of the factors of days, all of them after the day ``end``."""
    changes: dict[int, float] = {}
    for date, factor in factors.items():
        day = _day_number(date)
        if day <= end:
            raise ArgumentError(
                f"with_calendar changes days to come, and {day_of(day).date()} is not after the end of the "
                f"observation, {day_of(end).date()}."
            )
        if not 0.0 < factor < np.inf:
            raise ArgumentError(f"The factor of {date} must be positive and finite, not {factor!r}.")
        changes[day] = float(np.log(factor))
    return changes


def _day_number(date: Any) -> int:
    try:
        return int((pd.Timestamp(str(date)).normalize() - pd.Timestamp(0)).days)
    except (TypeError, ValueError):
        raise ArgumentError(f"with_calendar takes factors by day, and {date!r} is no date.") from None
