"""Value × risk: whom to look after, whom to win back now; the one definition of these groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.arguments import LARGEST_AMOUNT, finite
from clvmodels.arrays import Array
from clvmodels.errors import DataError

# (valuable, at high risk) → name; the last are worth little each and much together: what pays is what costs little
GROUPS = {
    (True, False): "Look after",
    (True, True): "Act now",
    (False, False): "Grow",
    (False, True): "Mind the cost",
}


def value_risk_table(value: pd.DataFrame, *, high_value: float | None = None, high_risk: float = 0.5) -> pd.DataFrame:
    """Customers and value in four groups of high and low value and risk.

    Parameters
    ----------
    value : pandas.DataFrame
        What `clvmodels.lifetime_value` returns: ``attrition_risk`` and ``lifetime_value``, one row a customer.
    high_value : float, optional
        The least value that is high; default: what the best fifth of the customers reach.
    high_risk : float, default 0.5
        The least risk that is high.

    Returns
    -------
    pandas.DataFrame
        Indexed by name, "Look after", "Act now", "Grow", "Mind the cost": ``customers``, ``value`` (their sum),
        ``at_risk`` (Σ risk × value). ``attrs`` holds the two borders.

    Raises
    ------
    ArgumentError
        If ``high_risk`` is no probability, or ``high_value`` no number.
    DataError
        If one of the two columns is missing or not finite.

    Examples
    --------
    >>> value = pd.DataFrame({"attrition_risk": [0.1, 0.9, 0.2, 0.8], "lifetime_value": [100.0, 50.0, 5.0, 1.0]})
    >>> value_risk_table(value, high_value=50.0)
                   customers  value  at_risk
    group
    Look after             1  100.0     10.0
    Act now                1   50.0     45.0
    Grow                   1    5.0      1.0
    Mind the cost          1    1.0      0.8
    """
    risk, worth = risk_and_value(value)
    high_value, high_risk = borders(worth, high_value, high_risk)
    group = groups(risk, worth, high_value, high_risk)
    rows = []
    for name in GROUPS.values():
        inside = group == name
        rows.append((int(inside.sum()), float(worth[inside].sum()), float((risk * worth)[inside].sum())))
    index = pd.Index(GROUPS.values(), name="group")
    table = pd.DataFrame(rows, columns=["customers", "value", "at_risk"], index=index)
    table.attrs = {"high_value": high_value, "high_risk": high_risk}
    return table


def borders(worth: Array, high_value: float | None, high_risk: float) -> tuple[float, float]:
    """The least value and the least risk that are high; by default the value that the best fifth reach."""
    least = (
        float(np.quantile(worth, 0.8))
        if high_value is None
        else finite("high_value", high_value, "a number", -LARGEST_AMOUNT, LARGEST_AMOUNT)
    )
    return least, finite("high_risk", high_risk, "a probability between 0 and 1", 0.0, 1.0)


def groups(risk: Array, worth: Array, high_value: float, high_risk: float) -> NDArray[np.object_]:
    """The name of each customer's group."""
    names = np.array([GROUPS[valuable, risky] for valuable in (False, True) for risky in (False, True)], dtype=object)
    return names[2 * (worth >= high_value) + (risk >= high_risk)]


def risk_and_value(value: pd.DataFrame) -> tuple[Array, Array]:
    """Risk and value of each customer, checked."""
    for name in ("attrition_risk", "lifetime_value"):
        if name not in value:
            raise DataError(f"Column {name!r} not found. Pass what clvmodels.lifetime_value returns.")
    risk, worth = (value[name].to_numpy(dtype=np.float64) for name in ("attrition_risk", "lifetime_value"))
    if len(risk) == 0 or not (np.isfinite(risk).all() and np.isfinite(worth).all()):
        raise DataError("attrition_risk and lifetime_value must be there and finite for every customer.")
    return risk, worth
