"""A purchase rate that is multiplied from now on: the same customers on a clock that runs faster."""

from __future__ import annotations


def on_clock(purchase_rate: float, t: float, delta: float, start: float) -> tuple[float, float, float]:
    """A window and a discount rate, as they are on a clock on which ``purchase_rate`` units pass in each unit of time.

    Where customers leave at purchases or never, buying at a multiple of the own rate is what the model says of this
    window; times on that clock are divided by ``purchase_rate`` to be in units again.

    Parameters
    ----------
    purchase_rate : float
        Above 0, such as 1.1 for 10 % more.
    t, start : float
        Length and beginning of the window, in units of time; t may be infinite.
    delta : float
        Continuous discount rate a unit.

    Returns
    -------
    tuple of float
        t, delta and start on the clock.

    Examples
    --------
    >>> on_clock(2.0, 10.0, 0.01, 1.0)
    (20.0, 0.005, 2.0)
    """
    return t * purchase_rate, delta / purchase_rate, start * purchase_rate
