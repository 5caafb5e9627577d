"""A randomised test: what an activity did, overall and by segment, and what it could have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels import formats
from clvmodels.arguments import LARGEST_AMOUNT, finite, level, shortly
from clvmodels.arrays import Array
from clvmodels.decisions.targeting.effects import estimates
from clvmodels.decisions.targeting.effects.estimates import Estimate
from clvmodels.decisions.targeting.effects.shrinkage import shrink
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns
from clvmodels.value.notebook_page import notebook_page

Method = Literal["difference", "cuped", "regression"]
_FEWEST = 2  # treated, and others: a variance needs two
_LEVEL = 0.90


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RandomisedTest:
    """A test in which chance decided who got the activity; `of` makes it.

    Attributes
    ----------
    treated : ndarray of shape (n,)
        1 for those who got it, else 0.
    outcome : ndarray of shape (n,)
        What came in the window of the test: money, or 1 and 0.
    before : ndarray of shape (n, k)
        What was known of the customers before it.
    segment : pandas.Series or None
        The segment of each customer, named as its column.
    method : {"difference", "cuped", "regression"}
        How the effect is estimated.
    """

    treated: Array
    outcome: Array
    before: Array
    segment: pd.Series[Any] | None
    method: Method

    @classmethod
    @checked
    def of(
        cls,
        table: Any,
        *,
        treated: str,
        outcome: str,
        before: str | Sequence[str] = (),
        segment: str | None = None,
        method: Literal["difference", "cuped", "regression"] | None = None,
    ) -> RandomisedTest:
        """From one row a customer.

        Parameters
        ----------
        table : frame
            pandas, polars or PyArrow frame.
        treated : str
            Column with 1 (or True) for those who got the activity, 0 for those who did not.
        outcome : str
            Column with what came: money within the window, or whether the customer bought or stayed. A window shorter
            than two usual gaps between purchases counts purchases that are only earlier.
        before : str or sequence of str
            Columns with what was known before the test, such as the spend of the year before; they make it sharper.
        segment : str, optional
            Column with segments, whose effects are then estimated each and drawn towards their mean.
        method : {"difference", "cuped", "regression"}, optional
            Difference in means; with what was known before taken off (CUPED); by regression with interactions (Lin
            2013), the default where ``before`` is given.

        Returns
        -------
        RandomisedTest
            With ``effect()``, ``by_segment()`` and ``summary()``.

        Raises
        ------
        ArgumentError
            The method needs ``before``, or is none.
        DataError
            A column holds something else, or a group has fewer than two customers.

        Examples
        --------
        >>> table = pd.DataFrame({"mailed": [1, 1, 1, 0, 0, 0, 0], "spent": [4, 6, 8, 1, 3, 5, 3]})
        >>> test = RandomisedTest.of(table, treated="mailed", outcome="spent")
        >>> test.effect().round(3).to_dict()
        {'effect': 3.0, 'error': 1.414, 'lower': 0.674, 'upper': 5.326}
        """
        frame = to_pandas(table, "A randomised test")
        names = [before] if isinstance(before, str) else list(before)
        check_columns(list(frame.columns), [treated, outcome, *names, *([] if segment is None else [segment])])
        columns = {name: _finite(frame, name) for name in (treated, outcome, *names)}
        if not np.isin(columns[treated], (0.0, 1.0)).all():
            raise DataError(f"Column {treated!r} must hold 1 for those who got the activity and 0 for the others.")
        chosen = method or ("regression" if names else "difference")
        if chosen not in ("difference", "cuped", "regression"):
            raise ArgumentError(f'method must be "difference", "cuped" or "regression", not {shortly(method)}.')
        if chosen != "difference" and not names:
            raise ArgumentError(f"method={chosen!r} needs before=, columns with what was known before the test.")
        known = np.column_stack([columns[name] for name in names]) if names else np.empty((len(frame), 0))
        test = cls(
            treated=columns[treated],
            outcome=columns[outcome],
            before=known,
            segment=None if segment is None else frame[segment].reset_index(drop=True),
            method=chosen,
        )
        _check_groups(test.treated, "The test")
        return test

    def effect(self, *, interval: float = _LEVEL) -> pd.Series[float]:
        """The effect on a customer.

        Parameters
        ----------
        interval : float, default 0.90
            Level of the interval.

        Returns
        -------
        pandas.Series
            ``effect``, ``error`` (standard error), ``lower``, ``upper``, in the unit of the outcome.

        Raises
        ------
        ArgumentError
            The interval is no level.

        Examples
        --------
        >>> table = pd.DataFrame({"mailed": [1, 1, 0, 0], "spent": [4, 6, 1, 3]})
        >>> RandomisedTest.of(table, treated="mailed", outcome="spent").effect()["effect"]
        np.float64(3.0)
        """
        found = self.estimate()
        half = float(sc.ndtri(0.5 + level("interval", interval) / 2.0)) * found.error
        bounds = {"lower": found.effect - half, "upper": found.effect + half}
        return pd.Series({"effect": found.effect, "error": found.error, **bounds})

    def by_segment(self) -> pd.DataFrame:
        """The effect in each segment, as estimated and drawn towards the mean of all.

        Returns
        -------
        pandas.DataFrame
            One row a segment: ``customers``, ``effect``, ``error``, ``shrunken_effect``, ``shrunken_error``. Choose by
            the shrunken ones: the largest of noisy effects is mostly noise.

        Raises
        ------
        ArgumentError
            The test has no segments.
        DataError
            A segment has fewer than two customers with or without the activity.

        Examples
        --------
        >>> table = pd.DataFrame({"mailed": [1, 1, 0, 0] * 2, "spent": [4, 6, 1, 3, 9, 11, 2, 4],
        ...                       "tier": ["low"] * 4 + ["top"] * 4})
        >>> test = RandomisedTest.of(table, treated="mailed", outcome="spent", segment="tier")
        >>> test.by_segment()[["effect", "shrunken_effect"]].round(2).to_dict("index")
        {'low': {'effect': 3.0, 'shrunken_effect': 3.5}, 'top': {'effect': 7.0, 'shrunken_effect': 6.5}}
        """
        if self.segment is None:
            raise ArgumentError("The test has no segments. Pass segment= to RandomisedTest.of.")
        rows = {}
        for name, places in self.segment.groupby(self.segment, sort=True, observed=True).indices.items():
            _check_groups(self.treated[places], f"Segment {name!r}")
            rows[name] = (len(places), *self.estimate(places))
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["customers", "effect", "error"])
        table.index.name = self.segment.name
        found = shrink(table["effect"].to_numpy(), table["error"].to_numpy())
        return table.assign(shrunken_effect=found.effect, shrunken_error=found.sd)

    @property
    def smallest_effect(self) -> float:
        """The smallest effect that such a test sees with a probability of 80 %: 2.8 standard errors."""
        return estimates.POWER * self.estimate().error

    def summary(self) -> str:
        """The effect, its range, and a warning where it may be none.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> table = pd.DataFrame({"mailed": [1, 1, 1, 0, 0, 0, 0], "spent": [4, 6, 8, 1, 3, 5, 3]})
        >>> print(RandomisedTest.of(table, treated="mailed", outcome="spent").summary())
        The activity made 3.00 a customer (90 %: 0.67 to 5.33), by 3 customers with it and 4 without.
        """
        found = self.effect()
        with_it = int(self.treated.sum())
        effect, lower, upper = formats.amounts(found[["effect", "lower", "upper"]].tolist())
        sentences = [
            f"The activity made {effect} a customer ({formats.share(_LEVEL)}: {lower} to {upper}), by "
            f"{formats.plural(with_it, 'customer')} with it and {len(self.treated) - with_it:,} without."
        ]
        if found["lower"] <= 0.0 <= found["upper"]:
            sentences.append(
                "That may be nothing: an effect that this test would have seen with a probability of 80 % is "
                f"{formats.amounts([self.smallest_effect])[0]} or more."
            )
        return "\n".join(sentences)

    def estimate(self, rows: Any = slice(None)) -> Estimate:
        """The effect on some customers of the test.

        Parameters
        ----------
        rows : slice or ndarray of int
            Which; all by default.

        Returns
        -------
        Estimate
            ``effect`` and its standard ``error``.

        Examples
        --------
        >>> table = pd.DataFrame({"mailed": [1, 1, 0, 0], "spent": [4, 6, 1, 3]})
        >>> RandomisedTest.of(table, treated="mailed", outcome="spent").estimate().effect
        3.0
        """
        treated, outcome, before = self.treated[rows], self.outcome[rows], self.before[rows]
        if self.method == "difference":
            return estimates.difference(treated, outcome)
        return (estimates.cuped if self.method == "cuped" else estimates.regression)(treated, outcome, before)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        table = self.effect().to_frame().T if self.segment is None else self.by_segment()
        return notebook_page(self.summary(), table, float_format="{:,.3g}".format)


def customers_needed(effect: float, sd: float) -> int:
    """Customers that each of the two groups of a test needs to see an effect with a probability of 80 %.

    2 (2.8 sd / effect)², at a level of 5 %.

    Parameters
    ----------
    effect : float
        The effect a customer that is to be seen.
    sd : float
        Standard deviation of the outcome between customers.

    Returns
    -------
    int
        Of each group.

    Raises
    ------
    ArgumentError
        The effect is 0, or a number has no meaning.

    Examples
    --------
    >>> customers_needed(1.0, 10.0)
    1570
    """
    seen = abs(finite("effect", effect, "a number other than 0"))
    if seen == 0.0:
        raise ArgumentError("effect must be a number other than 0: nothing can't be seen.")
    needed = estimates.customers_needed(seen, finite("sd", sd, "a number, 0 or more", 0.0, LARGEST_AMOUNT))
    if not np.isfinite(needed):
        raise ArgumentError(f"effect is too small beside sd ({shortly(effect)} and {shortly(sd)}): no test can see it.")
    return int(np.ceil(needed))


# --- private helpers --------------------------------------------------------------------------------------------------


def _finite(frame: pd.DataFrame, name: str) -> Array:
    values = numbers(frame, name)
    if not np.isfinite(values).all():
        raise DataError(f"Column {name!r} holds {int((~np.isfinite(values)).sum()):,} values that are missing.")
    return values


def _check_groups(treated: Array, what: str) -> None:
    with_it = int(treated.sum())
    if min(with_it, len(treated) - with_it) < _FEWEST:
        raise DataError(
            f"{what} has {with_it:,} customers with the activity and {len(treated) - with_it:,} without: two of each "
            "are the fewest."
        )
