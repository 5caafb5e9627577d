"""Distinct histories with how many customers share each, as an engine counts them: all that a fit needs to see."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from clvmodels.arrays import Array
from clvmodels.transactions.customers import Customers
from clvmodels.transactions.histories import Histories


@dataclass(frozen=True, eq=False, repr=False)
class DistinctHistories(Customers):
    """One row a distinct history, where `Customers` has one a customer; for a fit, and not to be predicted.

    Attributes
    ----------
    weight : ndarray of shape (n,)
        Customers that share each row.
    """

    weight: Array = field(default_factory=lambda: np.empty(0), kw_only=True)

    def histories(self) -> Histories:
        """The rows as they are.

        Returns
        -------
        Histories
            Columns ``frequency``, ``recency`` and ``T``.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 5.0], "T": 9.0, "spend_frequency": 0})
        >>> DistinctHistories(table, "week", weight=np.array([7.0, 1.0])).histories().weight
        array([7., 1.])
        """
        columns = tuple(self.table[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
        return Histories(columns, self.weight, None)

    def spend_histories(self) -> Histories:
        """The rows with repeat spend.

        Returns
        -------
        Histories
            Columns ``spend_frequency`` and ``monetary_value``.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"spend_frequency": [2, 3], "monetary_value": [5.0, 9.0]})
        >>> DistinctHistories(table, "week", weight=np.array([7.0, 1.0])).spend_histories().columns[1]
        array([5., 9.])
        """
        spent = self.table["spend_frequency"].to_numpy() > 0
        names = ("spend_frequency", "monetary_value")
        columns = tuple(self.table[name].to_numpy(dtype=np.float64)[spent] for name in names)
        return Histories(columns, self.weight[spent], None)
