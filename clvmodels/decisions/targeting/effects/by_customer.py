"""The effect that a test found, on customers who were not in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clvmodels.decisions.targeting.effects.effect_errors import CustomerEffects, SharedError, same_for_all
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.decisions.targeting.effects.shrinkage import shrink
from clvmodels.errors import ArgumentError, DataError


def effects_by_customer(test: RandomisedTest, customers: pd.DataFrame) -> CustomerEffects:
    """The effect on each of these customers: one for all, or that of their segment, drawn towards the mean of all.

    Parameters
    ----------
    test : RandomisedTest
        With segments or without.
    customers : pandas.DataFrame
        One row a customer, with the column of the segments if the test has any.

    Raises
    ------
    ArgumentError
        The column is missing.
    DataError
        A segment was not in the test.
    """
    if test.segment is None:
        found = test.estimate()
        return same_for_all(found.effect, found.error, len(customers), "a randomised test")
    name = str(test.segment.name)
    if name not in customers:
        raise ArgumentError(f"The test has segments by {name!r}, and the customers have no such column.")
    table = test.by_segment()
    place = table.index.get_indexer(pd.Index(customers[name]))
    if (place < 0).any():
        raise DataError(f"Segment {customers[name][place < 0].iloc[0]!r} in column {name!r} was not in the test.")
    drawn, one = shrink(table["effect"].to_numpy(), table["error"].to_numpy()), np.zeros(len(place), dtype=np.intp)
    errors = (
        SharedError(drawn.own[place], place),
        SharedError(drawn.by_mean[place], one),
        SharedError(drawn.by_spread[place], one),
    )
    return CustomerEffects(drawn.effect[place], errors, f"a randomised test, by {name} and shrunken")
