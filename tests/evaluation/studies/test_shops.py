"""The simulated shops of the studies are three kinds of shop, and the same every time."""

import numpy as np

from clvmodels.evaluation.studies.shops import SHOPS, simulated


def test_three_shops_that_differ() -> None:
    found = {name.removeprefix("simulated "): log.data for name, log, _ in simulated(customers=400)}
    assert list(found) == list(SHOPS)
    assert all(log["customer_id"].nunique() == 400 for log in found.values())
    assert len(found["grocery"]) > 2 * len(found["gifts"])
    december = {name: float(np.mean(log["date"].dt.month == 12)) for name, log in found.items()}
    assert december["gifts"] > 1.5 * december["fashion"]
    again = {name.removeprefix("simulated "): log.data for name, log, _ in simulated(customers=400)}
    assert all(found[name].equals(again[name]) for name in found)
