"""Predicted segments beside what came: precision, recall and confusion matrix, with the level of chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.value.notebook_page import notebook_page


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Assessment:
    """How well segments were predicted; `Segments.assess` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a segment: ``predicted`` and ``actual`` (customers), ``precision`` (of those predicted, the share that
        came true; NaN if nobody was predicted to be there), ``recall`` (of those who came to be there, the share that
        was predicted; NaN if nobody was), ``chance`` (precision of a random assignment: the share of customers who came
        to be there) and ``lift`` (precision / chance).
    confusion : pandas.DataFrame
        Customers by predicted segment (rows) and actual one (columns).
    accuracy, chance_accuracy : float
        Share of customers in the segment that was predicted, and what a random assignment with the same sizes reaches.
    """

    table: pd.DataFrame
    confusion: pd.DataFrame
    accuracy: float
    chance_accuracy: float

    def summary(self) -> str:
        """What the table says, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> value = pd.Series([9.0, 8.0, 2.0, 1.0], index=list("abcd"))
        >>> actual = pd.Series([50.0, 0.0, 20.0, 10.0], index=list("abcd"))
        >>> print(clv.segment(value, q=2).assess(actual).summary())
        50 % of 4 customers came to be in the segment predicted; by chance 50 %.
        Of 2 customers predicted in A, 50 % came to be there; by chance 50 %.
        """
        customers = int(self.confusion.to_numpy().sum())
        sentences = [
            f"{formats.share(self.accuracy)} of {formats.plural(customers, 'customer')} came to be in the segment "
            f"predicted; by chance {formats.share(self.chance_accuracy)}."
        ]
        first = self.table.iloc[0]
        if first["predicted"] > 0:
            sentences.append(
                f"Of {formats.plural(first['predicted'], 'customer')} predicted in {self.table.index[0]}, "
                f"{formats.share(first['precision'])} came to be there; by chance {formats.share(first['chance'])}."
            )
        return "\n".join(sentences)

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(float_format='{:,.3f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self.table, float_format="{:,.3f}".format)


def assessment(predicted: pd.Series[Any], actual: pd.Series[Any], segments: tuple[str, ...]) -> Assessment:
    """Compare two assignments of the same customers, in the same order."""
    names = list(dict.fromkeys([*segments, *sorted(set(predicted) | set(actual))]))
    confusion = pd.crosstab(predicted.to_numpy(dtype=object), actual.to_numpy(dtype=object))
    confusion = confusion.reindex(index=names, columns=names, fill_value=0)
    confusion = confusion.rename_axis(index="predicted", columns="actual")
    customers = float(len(predicted))
    of_predicted, of_actual = confusion.sum(axis=1), confusion.sum(axis=0)
    return Assessment(
        table=_rates(confusion, of_predicted, of_actual),
        confusion=confusion,
        accuracy=float(np.diag(confusion.to_numpy()).sum() / customers),
        chance_accuracy=float((of_predicted * of_actual).sum() / customers**2),
    )


def _rates(confusion: pd.DataFrame, of_predicted: pd.Series[int], of_actual: pd.Series[int]) -> pd.DataFrame:
    """Precision, recall and their chance, by segment."""
    hits = pd.Series(np.diag(confusion.to_numpy()), index=confusion.index, dtype=np.float64)
    table = pd.DataFrame({"predicted": of_predicted, "actual": of_actual}).rename_axis("segment")
    table["precision"] = hits / of_predicted.where(of_predicted > 0)
    table["recall"] = hits / of_actual.where(of_actual > 0)
    table["chance"] = of_actual / confusion.to_numpy().sum()
    table["lift"] = table["precision"] / table["chance"].where(of_actual > 0)
    return table
