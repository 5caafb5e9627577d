"""Drift: what has come since a fit beside what was expected, in sentences and a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from clvmodels.formats import count, plural, signed_share
from clvmodels.value.notebook_page import notebook_page


@dataclass(frozen=True, eq=False, repr=False)
class Drift:
    """What has come since a fit beside what the fit expected, as `check_drift` finds it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a measure, indexed by ``measure``: ``then`` (what the fit expects, or what was in as long a time before
        it), ``now`` (what has come since), ``change`` (now / then - 1), ``p_value`` (of no drift; missing where that is
        not tested) and ``drifted``. Rows of parameters hold in ``now`` how far those of a new fit lie from the old
        ones (chi-square), and never count as drift: their probabilities are too small too often.
    fitted_until, observation_end : pandas.Timestamp
        The last day that the fit has seen, and the last day of the log.
    level : float
        Share of logs without drift in which some measure is taken for drift.
    """

    table: pd.DataFrame
    fitted_until: pd.Timestamp
    observation_end: pd.Timestamp
    level: float

    @property
    def drifted(self) -> bool:
        """Whether any measure has drifted."""
        return bool(self.table["drifted"].any())

    def summary(self) -> str:
        """What has drifted, in sentences, one a line.

        Returns
        -------
        str
            The finding, a line for each measure that has drifted, and what to do.

        Examples
        --------
        >>> import clvmodels as clv
        >>> log = clv.Log(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount")
        >>> fit = clv.fit(clv.summarize(log, observation_end="1997-09-30"), "bg/nbd")
        >>> print(clv.check_drift(log, fit).summary())
        Drift since 1997-09-30: 2 of 2 measures differ from what was expected.
        Purchases of known customers: 1,882 instead of 1,653 (+14 %, p 0.034).
        Buyers among known customers: 684 instead of 617 (+11 %, p 0.009).
        Fit the models anew; if it is a season that returns, fit them with a calendar.
        """
        since, found = f"{self.fitted_until:%Y-%m-%d}", self.table[self.table["drifted"]]
        tested = int((self.table["p_value"].notna() & ~self.table.index.str.startswith("parameters")).sum())
        if len(found) == 0:
            return (
                f"No drift found since {since}: none of {plural(tested, 'measure')} differs from what was expected by "
                f"more than chance and tolerance. Where there is no drift, {100 * self.level:g} % of checks find one."
            )
        lines = [f"Drift since {since}: {len(found)} of {plural(tested, 'measure')} differ from what was expected."]
        lines += [
            f"{str(name)[0].upper()}{str(name)[1:]}: {_number(row['now'])} instead of {_number(row['then'])} "
            f"({signed_share(row['change'])}, p {_p(row['p_value'])})."
            for name, row in found.iterrows()
        ]
        lines.append("Fit the models anew; if it is a season that returns, fit them with a calendar.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"{self.summary()}\n{self.table.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table.round(4))


def _number(value: float) -> str:
    return count(value) if value >= 100 else f"{value:.3g}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"
