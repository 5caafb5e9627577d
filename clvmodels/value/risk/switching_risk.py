"""The risk that a customer's next choice is another brand or plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from clvmodels.arguments import instance
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.population.intervals import check_level, quantiles
from clvmodels.signatures import checked
from clvmodels.value.switching.switching import Switching


@checked
def switching_risk(
    switching: Switching,
    last_choice: pd.Series[Any],
    *,
    own: str | Sequence[str],
    segment: Any = None,
    steps: int = 1,
    interval: float | None = None,
) -> pd.DataFrame:
    """P(the choice some steps from now is none of one's own brands or plans), one row a customer.

    Parameters
    ----------
    switching : Switching
        How customers switch.
    last_choice : pandas.Series
        The brand or plan of each customer's last choice, by customer_id.
    own : str or sequence of str
        One's own brands or plans.
    segment : str, optional
        Which segment's matrix; may be left out if there is one.
    steps : int, default 1
        How many choices ahead.
    interval : float, optional
        Level of an interval, such as 0.90.

    Returns
    -------
    pandas.DataFrame
        ``switching_risk``, and with an interval ``switching_risk_lower`` and ``switching_risk_upper``.

    Raises
    ------
    ArgumentError
        A state or segment is not known, or an argument is of another kind.
    DataError
        A customer's last choice is none of the states.

    Examples
    --------
    >>> import clvmodels as clv
    >>> choices = pd.DataFrame({"id": [1, 1, 2, 2, 2], "day": pd.date_range("2024-01-01", periods=5),
    ...                         "brand": ["ours", "ours", "ours", "theirs", "theirs"]})
    >>> switching = clv.Switching.from_choices(choices, customer="id", date="day", state="brand")
    >>> found = clv.switching_risk(switching, pd.Series({1: "ours", 2: "theirs"}), own="ours")
    >>> found["switching_risk"].round(2).to_dict()
    {1: 0.5, 2: 0.67}
    """
    instance("switching", switching, Switching, "Switching")
    instance("last_choice", last_choice, pd.Series, "a Series of choices by customer_id")
    others, place = _others(switching, own), _places(switching, last_choice)
    table = pd.DataFrame(index=last_choice.index.rename("customer_id"))
    table["switching_risk"] = switching.matrix(segment, steps=steps).to_numpy()[:, others].sum(axis=1)[place]
    if interval is not None:
        ahead = np.linalg.matrix_power(switching.draws(segment), steps)[:, :, others].sum(axis=2)
        lower, upper = quantiles(ahead.T, check_level(interval))
        table["switching_risk_lower"], table["switching_risk_upper"] = lower[place], upper[place]
    return table


def _others(switching: Switching, own: str | Sequence[str]) -> np.ndarray:
    """Which states are not one's own."""
    names = [own] if isinstance(own, str) else list(own)
    unknown = [name for name in names if name not in switching.states]
    if unknown or not names:
        raise ArgumentError(f"own must be some of the states {list(switching.states)}, not {own!r}.")
    return np.asarray(~switching.states.isin(names))


def _places(switching: Switching, last_choice: pd.Series[Any]) -> np.ndarray:
    """The place of each customer's last choice among the states."""
    place = switching.states.get_indexer(pd.Index(last_choice))
    if (place < 0).any():
        at = int(np.flatnonzero(place < 0)[0])
        raise DataError(
            f"Customer {last_choice.index[at]!r} chose {last_choice.iloc[at]!r}, none of {list(switching.states)}."
        )
    return place


def of_customers(given: pd.DataFrame | pd.Series[float], ids: pd.Index[Any]) -> pd.DataFrame:
    """The columns of the risk of switching, for all customers."""
    frame = given.rename("switching_risk").to_frame() if isinstance(given, pd.Series) else given
    if not isinstance(frame, pd.DataFrame) or "switching_risk" not in frame:
        raise ArgumentError("switching_risk must be what clvmodels.switching_risk gives, or a Series by customer_id.")
    missing = ids.difference(frame.index)
    if len(missing) or not frame.index.is_unique:
        raise DataError(
            f"switching_risk must have one row for each customer; {len(missing):,} have none (ids "
            f"{', '.join(map(str, missing[:3]))})."
        )
    found = frame.loc[ids, [name for name in frame.columns if str(name).startswith("switching_risk")]]
    values = found.to_numpy(dtype=np.float64)
    if not ((values >= 0.0) & (values <= 1.0)).all():
        raise DataError("switching_risk must be probabilities from 0 to 1.")
    return found
