"""Switching between brands or plans: a Markov matrix a segment, n steps ahead, and value under switching."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import MOST_DRAWS, shortly, whole
from clvmodels.arrays import Array
from clvmodels.errors import ArgumentError
from clvmodels.inference.population.intervals import check_level, quantiles
from clvmodels.signatures import checked
from clvmodels.value.switching.holdout import foreseen, priors
from clvmodels.value.switching.transitions import read_choices

_MOST_STEPS = 10_000  # by then every row has long been the same
_FEW = 30.0  # transitions out of a state, below which its row is mostly the prior


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Switching:
    """Which brand or plan customers choose next, given the last one; `from_choices` makes it.

    Each row of the matrix of a segment is Dirichlet distributed: with several segments around the row of all segments
    together, as closely as the segments are alike (the concentration is the most likely one); with one segment around
    equal shares, with the weight of one transition a state. Steps are purchases (or renewals), not time.

    Loyalty and taste look alike: customers who choose at random, each by an own taste, repeat themselves too.
    ``holdout`` has how well each customer's last choice was foreseen by this model and by one of tastes without memory.

    Attributes
    ----------
    states : pandas.Index
        The brands or plans.
    counts : dict of str to pandas.DataFrame
        By segment: how often each state (column) followed each state (row).
    prior : dict of str to ndarray
        By segment: concentrations of the rows before the data.
    holdout : pandas.DataFrame
        Rows "switching" and "taste": ``log_score`` (mean log probability of the last choice, nearer to 0 is better),
        ``choices`` (how many); empty if nobody has chosen three times.

    Examples
    --------
    >>> choices = pd.DataFrame({"id": [1, 1, 1, 2, 2], "day": pd.date_range("2024-01-01", periods=5),
    ...                         "brand": ["ours", "ours", "theirs", "theirs", "theirs"]})
    >>> switching = Switching.from_choices(choices, customer="id", date="day", state="brand")
    >>> switching.matrix().round(3).loc["ours"].to_dict()
    {'ours': 0.5, 'theirs': 0.5}
    """

    states: pd.Index[Any]
    counts: Mapping[Any, pd.DataFrame]
    prior: Mapping[Any, Array]
    holdout: pd.DataFrame

    @classmethod
    @checked
    def from_choices(
        cls, choices: Any, *, customer: str, date: str, state: str, segment: str | None = None
    ) -> Switching:
        """From one row a choice.

        Parameters
        ----------
        choices : frame
            pandas, polars or PyArrow frame.
        customer, date, state : str
            Columns with the customer's id, the day of the choice, and the brand or plan that was chosen.
        segment : str, optional
            Column with a segment of the customer.

        Returns
        -------
        Switching
            A matrix a segment.

        Raises
        ------
        DataError
            The table can't be used; the message names rows and customers.

        Examples
        --------
        >>> choices = pd.DataFrame({"id": [1, 1, 2, 2], "day": pd.date_range("2024-01-01", periods=4),
        ...                         "plan": ["basic", "plus", "plus", "plus"]})
        >>> Switching.from_choices(choices, customer="id", date="day", state="plan").counts["all"].loc["plus"].tolist()
        [0.0, 1.0]
        """
        found = read_choices(choices, customer, date, state, segment)
        steps = found.steps()
        by_segment = found.by_segment(steps)
        counts = {
            name: pd.DataFrame(matrix, index=found.states, columns=found.states) for name, matrix in by_segment.items()
        }
        return cls(states=found.states, counts=counts, prior=priors(by_segment), holdout=foreseen(found))

    @checked
    def matrix(self, segment: Any = None, *, steps: int = 1, interval: float | None = None) -> pd.DataFrame:
        """P(the choice ``steps`` from now is a state, given the last one): the mean over the posterior.

        Parameters
        ----------
        segment : str, optional
            Which segment; may be left out if there is one.
        steps : int, default 1
            How many choices ahead.
        interval : float, optional
            Level of an interval, such as 0.90.

        Returns
        -------
        pandas.DataFrame
            Rows: the last choice; columns: the choice to come, with an interval as a level above ("mean", "lower",
            "upper").

        Raises
        ------
        ArgumentError
            The segment is not known, or ``steps`` is no whole number of 1 or more.

        Examples
        --------
        >>> choices = pd.DataFrame({"id": [1, 1, 1], "day": pd.date_range("2024-01-01", periods=3),
        ...                         "brand": ["ours", "theirs", "ours"]})
        >>> switching = Switching.from_choices(choices, customer="id", date="day", state="brand")
        >>> switching.matrix(steps=2).shape
        (2, 2)
        """
        steps = whole("steps", steps, f"a whole number of choices from 1 to {_MOST_STEPS:,}", 1, _MOST_STEPS)
        shares = self._concentrations(segment)
        if steps == 1 and interval is None:
            return self._frame(shares / shares.sum(axis=1, keepdims=True))
        ahead = np.linalg.matrix_power(self.draws(segment), steps)
        mean = self._frame(ahead.mean(axis=0))
        if interval is None:
            return mean
        lower, upper = quantiles(np.moveaxis(ahead, 0, -1), check_level(interval))
        return pd.concat({"mean": mean, "lower": self._frame(lower), "upper": self._frame(upper)}, axis=1)

    @checked
    def value(
        self,
        margin: Mapping[Any, float],
        segment: Any = None,
        *,
        discount: float,
        interval: float | None = None,
    ) -> pd.DataFrame:
        """Value of the purchase at hand and of all to come, by the brand chosen at hand: V = (I - γM)⁻¹ c.

        Rust, Lemon and Zeithaml (2004), Return on Marketing, Journal of Marketing 68(1): a customer who leaves for
        another brand may come back, which "lost for good" leaves out.

        Parameters
        ----------
        margin : dict of str to float
            Earned on a purchase of each state; those left out earn nothing.
        segment : str, optional
            Which segment; may be left out if there is one.
        discount : float
            γ: what a unit of money at the next purchase is worth at this one, between 0 and 1.
        interval : float, optional
            Level of an interval, such as 0.90.

        Returns
        -------
        pandas.DataFrame
            One row a state: ``value``, the mean over the posterior, and with an interval ``value_lower`` and
            ``value_upper``.

        Raises
        ------
        ArgumentError
            γ is not between 0 and 1, or a state or segment is not known.

        Examples
        --------
        >>> choices = pd.DataFrame({"id": [1, 1, 1], "day": pd.date_range("2024-01-01", periods=3),
        ...                         "brand": ["ours", "theirs", "ours"]})
        >>> switching = Switching.from_choices(choices, customer="id", date="day", state="brand")
        >>> value = switching.value({"ours": 10.0}, discount=0.9)
        >>> bool(value.loc["ours", "value"] > value.loc["theirs", "value"] > 0.0)
        True
        """
        unknown = [name for name in margin if name not in self.states]
        if unknown:
            raise ArgumentError(f"margin names {unknown[0]!r}, which is none of the states {list(self.states)}.")
        earned = np.array([float(margin.get(name, 0.0)) for name in self.states])
        values = value_under_switching(self.draws(segment), earned, discount)
        table = pd.DataFrame({"value": values.mean(axis=0)}, index=self.states)
        if interval is not None:
            table["value_lower"], table["value_upper"] = quantiles(values.T, check_level(interval))
        return table

    @checked
    def draws(self, segment: Any = None, n: int = 4_000, *, seed: int = 0) -> Array:
        """Draws of the matrix of a segment from its posterior.

        Parameters
        ----------
        segment : str, optional
            Which segment; may be left out if there is one.
        n : int, default 4000
            How many.
        seed : int, default 0
            Of the randomness.

        Returns
        -------
        ndarray of shape (n, states, states)
            Rows sum to 1.

        Raises
        ------
        ArgumentError
            The segment is not known.

        Examples
        --------
        >>> choices = pd.DataFrame({"id": [1, 1, 1], "day": pd.date_range("2024-01-01", periods=3),
        ...                         "brand": ["ours", "theirs", "ours"]})
        >>> Switching.from_choices(choices, customer="id", date="day", state="brand").draws(n=10).shape
        (10, 2, 2)
        """
        n = whole("n", n, "a number of draws, 1 or more", 1, MOST_DRAWS)
        rng = np.random.default_rng(whole("seed", seed))
        return np.stack([rng.dirichlet(row, n) for row in self._concentrations(segment)], axis=1)

    def summary(self) -> str:
        """What is known, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> choices = pd.DataFrame({"id": [1, 1, 2, 2], "day": pd.date_range("2024-01-01", periods=4),
        ...                         "brand": ["ours", "theirs", "theirs", "ours"]})
        >>> print(Switching.from_choices(choices, customer="id", date="day", state="brand").summary())
        2 states, 2 transitions.
        Fewer than 30 transitions from ours and theirs: these rows are mostly the prior.
        """
        total = sum(counts.to_numpy().sum() for counts in self.counts.values())
        segments = f" in {len(self.counts)} segments" if len(self.counts) > 1 else ""
        sentences = [f"{len(self.states)} states, {total:,.0f} transitions{segments}."]
        for name, counts in self.counts.items():
            few = [str(state) for state, number in counts.sum(axis=1).items() if number < _FEW]
            where = f" in segment {name}" if len(self.counts) > 1 else ""
            if few:
                named = " and ".join(filter(None, [", ".join(few[:-1]), few[-1]]))
                sentences.append(f"Fewer than 30 transitions from {named}{where}: these rows are mostly the prior.")
        if len(self.holdout):
            sentences.append(_foreseen(*self.holdout["log_score"].astype(float).loc[["switching", "taste"]]))
        return "\n".join(sentences)

    def _concentrations(self, segment: Any) -> Array:
        if segment is None and len(self.counts) == 1:
            segment = next(iter(self.counts))
        if not isinstance(segment, Hashable) or segment not in self.counts:
            raise ArgumentError(f"segment must be one of {list(self.counts)}, not {shortly(segment)}.")
        return np.asarray(self.prior[segment] + self.counts[segment].to_numpy())

    def _frame(self, matrix: Array) -> pd.DataFrame:
        return pd.DataFrame(matrix, index=self.states, columns=self.states)

    def __repr__(self) -> str:
        return self.summary()


def value_under_switching(matrix: Array, margin: Array, discount: float) -> Array:
    """V = (I - γM)⁻¹ c: value by the state chosen at hand, the purchase at hand included.

    Parameters
    ----------
    matrix : ndarray of shape (..., states, states)
        Rows sum to 1.
    margin : ndarray of shape (states,)
        c, earned on a purchase of each state.
    discount : float
        γ, between 0 and 1.

    Returns
    -------
    ndarray of shape (..., states)

    Raises
    ------
    ArgumentError
        γ is not between 0 and 1.

    Examples
    --------
    >>> value_under_switching(np.array([[0.8, 0.2], [0.3, 0.7]]), np.array([10.0, 0.0]), 0.9).round(3)
    array([67.273, 49.091])
    """
    if not 0.0 <= discount < 1.0:
        raise ArgumentError(f"discount must lie between 0 and 1 (below 1), such as 0.9, not {discount!r}.")
    if not np.isfinite(margin).all():
        raise ArgumentError("margin must be finite numbers.")
    size = matrix.shape[-1]
    return np.linalg.solve(np.eye(size) - discount * matrix, np.broadcast_to(margin[:, None], (*matrix.shape[:-1], 1)))[
        ..., 0
    ]


def _foreseen(score: float, taste: float) -> str:
    """How well the last choices were foreseen, against each customer's own taste."""
    better = "better than" if score > taste else "no better than"
    return (
        f"Last choices were foreseen {better} by each customer's own taste (log score {score:.3f}, taste "
        f"{taste:.3f})" + ("." if score > taste else ": what looks like loyalty may be taste.")
    )
