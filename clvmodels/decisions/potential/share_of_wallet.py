"""Share of wallet: what a customer spends with us, beside what the best of like customers spend."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from clvmodels import formats
from clvmodels.arguments import level, whole
from clvmodels.arrays import Array
from clvmodels.decisions.customer_values import by_customer, customer_values, for_all
from clvmodels.errors import ArgumentError, DataError
from clvmodels.value.notebook_page import notebook_page

_FEWEST = 50  # customers, below whom a quantile of like ones is a guess
_MOST_LEVELS = 255  # that the trees take
_SHOWN = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Wallet:
    """Wallet and share of wallet of each customer; `share_of_wallet` makes it.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a customer: ``spend`` (as given), ``wallet`` (the quantile of what like customers spend),
        ``share_of_wallet`` (spend / wallet; above 1 for those who spend more than the quantile) and ``potential``,
        max(0, wallet - spend).
    quantile : float
        Which one: an assumption. It sets the level of all wallets; their order hardly depends on it.
    below : float
        Share of customers who spend no more than their wallet, none of whom was used for it: near ``quantile`` if the
        features tell who is alike.
    currency : str or None
        Label of the amounts.
    """

    table: pd.DataFrame
    quantile: float
    below: float
    currency: str | None

    def summary(self) -> str:
        """What was found, in sentences.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> import clvmodels as clv
        >>> rng = np.random.default_rng(1)
        >>> staff = rng.integers(1, 100, 400)
        >>> spend = pd.Series(staff * rng.beta(3.0, 1.2, 400))
        >>> found = clv.share_of_wallet(spend, pd.DataFrame({"staff": staff}))
        >>> print(found.summary().splitlines()[1])
        Assumed: the 85 % quantile of what like customers spend is a customer's wallet.
        """
        spend, potential = formats.amounts([self.table["spend"].sum(), self.table["potential"].sum()])
        share = self.table["spend"].sum() / max(self.table["wallet"].sum(), 1e-300)
        return (
            f"{formats.plural(len(self.table), 'customer')} spend {spend}, {formats.share(share)} of their wallets; "
            f"{potential} more would fill those that are not full.\n"
            f"Assumed: the {formats.share(self.quantile)} quantile of what like customers spend is a customer's wallet."
        )

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self._most().to_string(float_format='{:,.2f}'.format)}"

    def _repr_html_(self) -> str:
        return notebook_page(self.summary(), self._most(), float_format="{:,.2f}".format)

    def _most(self) -> pd.DataFrame:
        return self.table.nlargest(_SHOWN, "potential")


def share_of_wallet(spend: Any, features: Any, *, quantile: float = 0.85, folds: int = 5, seed: int = 0) -> Wallet:
    """Wallet of each customer as a high quantile of what like customers spend; share of wallet and potential.

    Perlich, Rosset, Lawrence and Zadrozny (2007): wallet = Q_τ(spend | features), which assumes that some customers
    like this one spend all that they have with us. The quantile is that of boosted trees on the logarithm, fitted to
    the other customers only (extra ``ml``). The order is sound; the level is as good as τ.

    Parameters
    ----------
    spend : pandas.Series or frame
        Spend of a year by customer, 0 or more (a frame: its column ``spend``, or its only column of numbers).
    features : frame
        What is known of all customers and doesn't come from their purchases here: employees, industry, region, …; ids
        as index or in ``customer_id``. Texts are categories, gaps are allowed.
    quantile : float, default 0.85
        τ, usually 0.8 to 0.9.
    folds : int, default 5
        In how many parts customers are divided, each of which is predicted from the others.
    seed : int, default 0
        Of the division.

    Returns
    -------
    Wallet
        ``table``, one row a customer.

    Raises
    ------
    ArgumentError
        ``quantile`` is no level, ``folds`` no whole number of 2 or more, or scikit-learn is not installed.
    DataError
        Spend is negative, there are fewer than 50 customers, or features are missing or can't be used.

    Examples
    --------
    >>> import clvmodels as clv
    >>> rng = np.random.default_rng(1)
    >>> staff = rng.integers(1, 100, 400)
    >>> spend = pd.Series(staff * rng.beta(3.0, 1.2, 400))
    >>> clv.share_of_wallet(spend, pd.DataFrame({"staff": staff})).table.columns.tolist()
    ['spend', 'wallet', 'share_of_wallet', 'potential']
    """
    tau = level("quantile", quantile, "0.85")
    parts = whole("folds", folds, "a whole number of parts, 2 or more", 2, 1_000)
    if find_spec("sklearn") is None:
        raise ArgumentError("share_of_wallet needs scikit-learn. Install it: pip install 'clvmodels[ml]'.")
    spent = customer_values(spend)
    amounts = np.asarray(spent, dtype=np.float64)
    if (amounts < 0.0).any() or not (amounts > 0.0).any():
        raise DataError("spend must be 0 or more, and above 0 for somebody. Set refunds against the purchases first.")
    if len(amounts) < max(_FEWEST, 2 * parts):
        raise DataError(
            f"A wallet needs at least {max(_FEWEST, 2 * parts)} customers to compare, not {len(amounts):,}."
        )
    known = columns_of(for_all(by_customer(features), spent.index, "features"))
    wallet = _out_of_fold(known, amounts, tau, parts, whole("seed", seed, most=2**32 - 1))
    table = pd.DataFrame({"spend": amounts, "wallet": wallet}, index=spent.index)
    table["share_of_wallet"] = table["spend"] / table["wallet"]
    table["potential"] = np.maximum(table["wallet"] - table["spend"], 0.0)
    return Wallet(
        table=table,
        quantile=tau,
        below=float((amounts <= wallet).mean()),
        currency=spent.attrs.get("currency"),
    )


def columns_of(features: pd.DataFrame) -> pd.DataFrame:
    """Numbers as float64, everything else as categories.

    Raises
    ------
    DataError
        There are none, one is infinite, or has more levels than the trees take.
    """
    if not features.notna().any(axis=None):
        raise DataError("features has no columns, or nothing is known in them.")
    return pd.DataFrame({str(name): _column(name, column) for name, column in features.items()})


def _column(name: Any, column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise DataError(f"Feature {name!r} holds infinite values. Make them missing.")
        return pd.Series(numbers, index=column.index)
    text = column.astype(object).where(column.notna(), "missing").astype(str)
    if text.nunique() > _MOST_LEVELS:
        raise DataError(f"Feature {name!r} has more than {_MOST_LEVELS} levels. Group them, or leave it out.")
    return text.astype("category")


def _out_of_fold(features: pd.DataFrame, spend: Array, tau: float, folds: int, seed: int) -> Array:
    """The quantile of each customer's spend, from customers of the other parts."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import KFold

    least = spend[spend > 0.0].min() / 2.0  # a quantile follows any order-keeping change, so that 0 may stand anywhere
    logs = np.log(np.maximum(spend, least))
    wallet = np.empty(len(spend))
    for others, part in KFold(folds, shuffle=True, random_state=seed).split(features):
        model = HistGradientBoostingRegressor(
            loss="quantile", quantile=tau, max_iter=100, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=30,
            categorical_features="from_dtype", early_stopping=False, random_state=seed,
        )  # fmt: skip
        known = features.columns[features.iloc[others].notna().any()]
        model.fit(features.iloc[others][known], logs[others])
        wallet[part] = np.exp(model.predict(features.iloc[part][known]))
    return wallet
