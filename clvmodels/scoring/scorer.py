"""A scorer: models with their parameters and what is asked, as text, which scores batches of a summary anywhere.

It needs NumPy, SciPy and PyArrow, and nothing else: a worker of Spark that scores loads no pandas, no engine and no
sampler. `clvmodels.scoring.of_fits.scorer_of` makes one from fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from clvmodels import models
from clvmodels.arrays import Array
from clvmodels.arrow_buffers import from_arrow, texts_to_arrow, to_arrow
from clvmodels.errors import FileFormatError
from clvmodels.inference.data.clock.clock import Clock
from clvmodels.inference.population.clock.population import ClockPopulation
from clvmodels.inference.population.histories import PurchaseHistories, SpendHistories
from clvmodels.inference.population.population import PurchasePopulation
from clvmodels.models.protocol import PurchaseModel, SpendModel
from clvmodels.scoring.columns import in_order, meaning
from clvmodels.scoring.predicted import Columns, Terms, known, predicted, staged, valued
from clvmodels.transactions.histories import Histories, group_histories
from clvmodels.transactions.units import DAYS_PER_UNIT
from clvmodels.transactions.validation import REQUIRED, check_columns, check_customers
from clvmodels.value.next_purchase.stages import STAGES, StageRules

_FORMAT, _VERSION = "clvmodels scorer", 1
_KINDS = {
    "first_purchase": pa.date32(),
    "last_purchase": pa.date32(),
    "purchases": pa.int64(),
    "expected_next_purchase": pa.date32(),
    "overdue": pa.bool_(),
    "stage": pa.string(),
}


@dataclass(frozen=True)
class Fitted:
    """A model and its parameters.

    Attributes
    ----------
    model : str
        Its name.
    parameters : dict of str to float
        Times in the unit of the terms.
    """

    model: str
    parameters: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Scores customers from their summary, batch by batch: every column of `clvmodels.score` but those of the base.

    Rank, tier and group need all customers, and come after.

    Attributes
    ----------
    purchases : Fitted
        A purchase model.
    spend : Fitted or None
        A spend model.
    terms : Terms
        What is asked.
    summary_unit : str
        Of the recency and T that come in.
    observation_end : str or None
        The last day observed, such as "1997-09-30"; without it there are no dates.
    clock : mapping or None
        Of a fit with a calendar, as `Clock.to_json` writes it.
    currency : str or None
        Of the amounts.
    """

    purchases: Fitted
    spend: Fitted | None
    terms: Terms
    summary_unit: str
    clock: Mapping[str, Any] | None = None
    observation_end: str | None = None
    currency: str | None = None
    _shape: dict[str, pa.Schema] = field(init=False, repr=False, compare=False, default_factory=dict)

    def to_json(self) -> str:
        """All of it as text.

        Examples
        --------
        >>> Scorer.from_json(_example().to_json()) == _example()
        True
        """
        content = asdict(self)
        del content["_shape"]
        return json.dumps({"format": _FORMAT, "version": _VERSION, **content}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote.

        Raises
        ------
        FileFormatError
            The text is of something else, or of a newer version.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
            raise FileFormatError("This is not the text of a scorer.")
        if content.pop("version") > _VERSION:
            raise FileFormatError("This scorer was written by a newer version of clvmodels. Upgrade clvmodels.")
        terms = content["terms"]
        terms["stages"] = StageRules(**terms["stages"])
        content["terms"] = Terms(**terms)
        for name in ("purchases", "spend"):
            content[name] = None if content[name] is None else Fitted(**content[name])
        return cls(**content)

    def schema(self, id_type: pa.DataType) -> pa.Schema:
        """The columns of a scored batch, with the meaning of each in its metadata.

        Parameters
        ----------
        id_type
            Type of ``customer_id``.
        """
        key = str(id_type)
        if key not in self._shape:
            self._shape[key] = pa.schema([_field(name, id_type, self.currency) for name in self._names])
        return self._shape[key]

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the summary that are read beside the id."""
        return (*REQUIRED, *(() if self.spend is None else ("monetary_value",)))

    def of_batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The scores of some customers.

        Parameters
        ----------
        batch
            ``customer_id``, ``frequency``, ``recency`` and ``T``, and ``monetary_value`` where there is a spend model
            (null or 0 without a repeat purchase of worth); ``spend_frequency`` where it is another than ``frequency``.

        Returns
        -------
        pyarrow.RecordBatch
            A row for each, in the same order, of `schema`.

        Raises
        ------
        DataError
            A column is missing, or the numbers of a customer contradict each other.

        Examples
        --------
        >>> batch = pa.RecordBatch.from_pydict(
        ...     {"customer_id": ["ann"], "frequency": [2.0], "recency": [30.43], "T": [38.86]})
        >>> scores = _example().of_batch(batch).to_pylist()[0]
        >>> scores["last_purchase"].isoformat(), round(scores["expected_purchases"], 2), scores["stage"]
        ('1997-08-02', 1.23, 'active')
        """
        check_columns(batch.schema.names, ("customer_id", *self.needs))
        names = [name for name in (*REQUIRED, "monetary_value", "spend_frequency") if name in batch.schema.names]
        ids = batch.column("customer_id")
        schema = self.schema(ids.type)
        if len(batch) == 0:
            return pa.RecordBatch.from_arrays([pa.nulls(0, one.type) for one in schema], schema=schema)
        found = self.of_arrays(**{name: from_arrow(batch.column(name)) for name in names}, ids=_Ids(ids))
        columns = [ids if one.name == "customer_id" else _to_arrow(one, found[one.name]) for one in schema]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def of_arrays(
        self,
        frequency: Array,
        recency: Array,
        T: Array,
        monetary_value: Array | None = None,
        spend_frequency: Array | None = None,
        *,
        ids: Any = None,
    ) -> Columns:
        """The scores of some customers, as arrays.

        Parameters
        ----------
        frequency, recency, T : ndarray of float of shape (n,)
            The summary, in `summary_unit`.
        monetary_value : ndarray of float of shape (n,), optional
            Mean repeat spend, NaN or 0 where there is none.
        spend_frequency : ndarray of float of shape (n,), optional
            Repeat purchases worth more than 0; by default ``frequency`` where there is a monetary value.
        ids : optional
            Of the customers, to name those whose numbers can't be.

        Returns
        -------
        dict of ndarray of shape (n,)
            The columns by name; days are counted since 1970-01-01 (NaN where there is none), stages are places in
            `clvmodels.value.next_purchase.stages.STAGES`.
        """
        value, number = _spend(frequency, monetary_value, spend_frequency)
        ids = np.arange(len(frequency)) if ids is None else ids
        check_customers(ids, frequency=frequency, recency=recency, T=T, monetary_value=value, spend_frequency=number)
        unit, days = self.terms.unit, DAYS_PER_UNIT[self.summary_unit]
        bought = self._bought(group_histories(frequency, recency, T), days / DAYS_PER_UNIT[unit])
        found = predicted(bought, self.purchases.parameters, self.terms)
        columns = known(frequency, recency, T, days, self._end) | found
        columns |= staged(frequency, T - recency, found, self.terms.stages, self.summary_unit)
        if self._end is not None:
            columns["expected_next_purchase"] = self._end + found["days_ahead"]
        if monetary_value is not None:
            columns["mean_spend"] = value
        if self.spend is not None:
            if monetary_value is None:
                check_columns(REQUIRED, ("monetary_value",))
            spent = self._spent(group_histories(number, np.where(number > 0, value, 0.0)))
            columns |= valued(bought, self.purchases.parameters, spent, self.spend.parameters, self.terms)
        return columns

    # --- private helpers ----------------------------------------------------------------------------------------------

    @property
    def _end(self) -> int | None:
        return None if self.observation_end is None else int(np.datetime64(self.observation_end, "D").astype(np.int64))

    @cached_property
    def _names(self) -> list[str]:
        names = ["customer_id", "purchases", "overdue", "stage"]
        names += ["probability_alive", "purchase_probability", "attrition_risk", "expected_purchases"]
        if self.spend is not None:
            names += ["mean_spend", "expected_spend", "lifetime_value"]
        if self.observation_end is not None:
            names += ["first_purchase", "last_purchase", "expected_next_purchase"]
        return in_order(names)

    def _bought(self, histories: Histories, factor: float) -> PurchasePopulation:
        x, t_x, T = histories.columns
        times = (t_x, T) if factor == 1.0 else (t_x * factor, T * factor)
        model = cast(PurchaseModel, models.get(self.purchases.model))
        rows = PurchaseHistories(**_rows(histories), columns=(x, *times), model=model)
        if self.clock is None:
            return rows
        assert self._end is not None  # a scorer with a calendar is not made without
        return ClockPopulation.of(rows, Clock.from_json(self.clock), self._end, DAYS_PER_UNIT[self.terms.unit])

    def _spent(self, histories: Histories) -> SpendHistories:
        assert self.spend is not None
        model = cast(SpendModel, models.get(self.spend.model))
        return SpendHistories(**_rows(histories), columns=histories.columns, model=model)


class _Ids:
    """Ids in Arrow, of which a few are named in an error."""

    def __init__(self, column: pa.Array) -> None:
        self._column = column

    def __getitem__(self, rows: Any) -> list[Any]:
        return [self._column[int(row)].as_py() for row in rows]


def _rows(histories: Histories) -> dict[str, Any]:
    size = len(histories) if histories.index is None else len(histories.index)
    return {"ids": np.arange(size), "weight": histories.weight, "index": histories.index}


def _spend(frequency: Array, value: Array | None, number: Array | None) -> tuple[Array, Array]:
    """Mean repeat spend, NaN where there is none, and how many purchases it is the mean of."""
    if value is None:
        return np.full(len(frequency), np.nan), np.zeros(len(frequency))
    number = frequency if number is None else number
    spent = (value != 0) & ~np.isnan(value) & (number != 0)
    return np.where(spent, value, np.nan), np.where(spent, number, 0.0)


def _field(name: str, id_type: pa.DataType, currency: str | None) -> pa.Field:
    kind = id_type if name == "customer_id" else _KINDS.get(name, pa.float64())
    words = meaning(name)
    return pa.field(
        name, kind, metadata={"meaning": words if currency is None else words.replace("currency", currency)}
    )


def _to_arrow(one: pa.Field, values: NDArray[Any]) -> pa.Array:
    if one.name == "stage":
        codes = to_arrow(values, pa.int8())
        return pa.DictionaryArray.from_arrays(codes, texts_to_arrow(STAGES)).dictionary_decode()
    if pa.types.is_boolean(one.type):
        return to_arrow(values.astype(np.uint8), pa.uint8()).cast(pa.bool_())
    if pa.types.is_date32(one.type):
        missing = np.isnan(values)
        return to_arrow(np.where(missing, 0, values).astype(np.int32), one.type, missing)
    return to_arrow(values, one.type, np.isnan(values) if one.name == "mean_spend" else None)


def _example() -> Scorer:
    """BG/NBD of the CDNOW sample, for examples."""
    purchases = Fitted("bg/nbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    terms = Terms(unit="week", horizon=39.0)
    return Scorer(purchases=purchases, spend=None, terms=terms, summary_unit="week", observation_end="1997-09-30")
