"""`CustomersToCome`: what customers who are not known yet will bring, a part of a forecast by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import arguments, formats
from clvmodels.arrays import Array
from clvmodels.transactions.read_only import read_only

LEVELS = (np.arange(400) + 0.5) / 400  # of the quantiles that are kept


@read_only("periods", "errors")
@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CustomersToCome:
    """Customers who first buy within the horizon: how many, and what they buy, their first purchase included.

    It is in no other number of a `clvmodels.Forecast`.

    Attributes
    ----------
    periods : pandas.DataFrame
        The estimates of ``table``, without bounds.
    quantiles : dict of str to ndarray of shape (periods + 1, 400)
        Of ``customers``, ``purchases`` and ``revenue``: quantiles at levels from 1/800 to 799/800, of each period and,
        in the last row, of all.
    errors : pandas.DataFrame
        How far simple models of the number of new customers were off at earlier dates, see
        `clvmodels.AcquisitionForecast`.
    interval : float
        Level of the ranges.
    how : tuple of str
        In sentences, where the numbers come from.
    currency : str or None
        Label of the amounts.
    """

    periods: pd.DataFrame
    quantiles: dict[str, Array]
    errors: pd.DataFrame
    interval: float
    how: tuple[str, ...] = ()
    currency: str | None = None

    @property
    def table(self) -> pd.DataFrame:
        """One row a calendar period, as `Forecast.table`.

        ``first_day``, ``days``, ``whole``, and ``customers`` (who first buy in it), ``purchases`` (of all new ones, the
        first ones included) and, where there are amounts, ``revenue``, each with ``_lower`` and ``_upper``.
        """
        table = self.periods[["first_day", "days", "whole"]]
        for name in self.quantiles:
            lower, upper = self._bounds(name)[:, :-1]
            table = table.assign(**{name: self.periods[name], f"{name}_lower": lower, f"{name}_upper": upper})
        return table

    @property
    def total(self) -> pd.DataFrame:
        """Totals of the horizon: rows "customers", "purchases" and "revenue", ``estimate``, ``lower`` and ``upper``."""
        rows = {name: [float(self.periods[name].sum()), *self._bounds(name)[:, -1]] for name in self.quantiles}
        columns = ["estimate", "lower", "upper"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("quantity")

    def with_interval(self, interval: float) -> CustomersToCome:
        """The same with ranges of another level.

        Parameters
        ----------
        interval : float
            Level, such as 0.50.

        Returns
        -------
        CustomersToCome
            With other bounds.

        Raises
        ------
        ArgumentError
            The level is not between 0 and 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> retail = clv.datasets.load_online_retail()
        >>> customers = clv.summarize(retail, customer="customer_id", date="timestamp", observation_end="2011-11-30",
        ...                           keep_purchases=True)
        >>> forecast = clv.forecast(customers, horizon="3M", model="bg/nbd", new_customers=True)
        >>> wide, narrow = forecast.new_customers, forecast.new_customers.with_interval(0.5)
        >>> bool((narrow.total["lower"] > wide.total["lower"]).all())
        True
        """
        return replace(self, interval=arguments.level("interval", interval))

    def sentences(self) -> list[str]:
        """How many will come, what they bring, and where that is from.

        Returns
        -------
        list of str
            The sentences.
        """
        words = {name: _in_words(row) for name, row in zip(self.total.index, self.total.to_numpy(), strict=True)}
        bring = [f"make {words['purchases']} purchases, the first ones included"]
        if "revenue" in words:
            bring.append(f"spend {words['revenue']}{f' {self.currency}' if self.currency else ''}")
        return [
            f"Customers still to come are in none of these numbers: {words['customers']} will first buy in this time, "
            f"{', and '.join(bring)}.",
            *self.how,
        ]

    def _bounds(self, name: str) -> Array:
        """Lower and upper bounds of the periods and of all, shape (2, periods + 1)."""
        tails = [(1.0 - self.interval) / 2.0, (1.0 + self.interval) / 2.0]
        return np.stack([[np.interp(tail, LEVELS, row) for row in self.quantiles[name]] for tail in tails])

    def __repr__(self) -> str:
        return "\n".join([*self.sentences(), "", self.total.round(1).to_string()])

    # --- files --------------------------------------------------------------------------------------------------------

    def to_json(self, frame: Any) -> dict[str, Any]:
        """As a forecast's file holds it; ``frame`` writes a frame of periods."""
        return {
            "periods": frame(self.periods),
            "quantiles": {name: rows.tolist() for name, rows in self.quantiles.items()},
            "errors": self.errors.astype({"last_known": str}).to_dict(orient="list"),
            "interval": self.interval,
            "how": list(self.how),
            "currency": self.currency,
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any], frame: Any) -> CustomersToCome:
        """What `to_json` wrote."""
        errors = pd.DataFrame(entry["errors"])
        return cls(
            periods=frame(entry["periods"]),
            quantiles={name: np.asarray(rows) for name, rows in entry["quantiles"].items()},
            errors=errors.assign(last_known=pd.to_datetime(errors["last_known"]).astype("datetime64[us]")),
            interval=entry["interval"],
            how=tuple(entry["how"]),
            currency=entry["currency"],
        )


def _in_words(row: Array) -> str:
    """An estimate and its range."""
    estimate, lower, upper = map(formats.count, row)
    return f"about {estimate} ({lower} to {upper})"
