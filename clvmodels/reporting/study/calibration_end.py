"""Which last part of a log the model is put to the test on."""

from __future__ import annotations

import pandas as pd

_SHARE = 3
_WEEK = 7


def choose_calibration_end(first: pd.Timestamp, last: pd.Timestamp, horizon: float) -> pd.Timestamp | None:
    """The last day of the calibration: the last third of the days observed is held out, but no more than the horizon.

    Parameters
    ----------
    first, last
        First and last day of the log.
    horizon
        Days of the forecast.

    Returns
    -------
    pandas.Timestamp or None
        None if the log is shorter than three weeks. From two weeks on the holdout is in whole weeks, so that every day
        of the week counts alike.

    Examples
    --------
    >>> first, last = pd.Timestamp("1997-01-01"), pd.Timestamp("1998-06-30")
    >>> choose_calibration_end(first, last, 365.25)
    Timestamp('1997-12-30 00:00:00')
    >>> choose_calibration_end(first, last, 30)
    Timestamp('1998-06-02 00:00:00')
    """
    observed = (last - first).days + 1
    if observed < _SHARE * _WEEK:
        return None
    held = max(1, min(observed // _SHARE, int(horizon)))
    if held >= 2 * _WEEK:
        held -= held % _WEEK
    return last - pd.Timedelta(days=held)
