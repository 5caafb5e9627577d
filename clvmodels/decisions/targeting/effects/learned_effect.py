"""What an activity does to each customer, learned from a randomised test: two regressions, cross-fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special as sc

from clvmodels import formats
from clvmodels.arguments import finite, whole
from clvmodels.arrays import Array
from clvmodels.decisions.targeting.effects.cross_fitting import (
    calibrated,
    doubly_robust,
    fitted,
    folds_of,
    predicted,
)
from clvmodels.decisions.targeting.effects.estimates import Estimate
from clvmodels.decisions.targeting.effects.randomised_test import RandomisedTest
from clvmodels.errors import ArgumentError, DataError
from clvmodels.signatures import checked
from clvmodels.transactions.frames import numbers, to_pandas
from clvmodels.transactions.validation import check_columns


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LearnedEffect:
    """Effects by customer, as the effect of an `Activity`; `of` makes it.

    Attributes
    ----------
    mean : Estimate
        ``effect`` on the average customer of the test, with its standard ``error``.
    kept : Estimate
        How much of what the regressions tell customers apart by holds for customers they haven't seen, from 0 to 1:
        ``effect``, drawn towards 0 as it is uncertain, and ``error``. At 0 the effect is the mean for everybody.
    out_of_fold : pandas.Series
        The effect on each customer of the test, by regressions that haven't seen that customer: what `plots.qini_table`
        may look at.
    test : RandomisedTest
        The test.
    features : tuple of str
        What customers are told apart by.
    """

    mean: Estimate
    kept: Estimate
    out_of_fold: pd.Series[float]
    test: RandomisedTest
    features: tuple[str, ...]
    _models: tuple[tuple[Any, Any], ...]
    _centre: float

    @classmethod
    @checked
    def of(
        cls,
        table: Any,
        *,
        treated: str,
        outcome: str,
        features: str | Sequence[str],
        regressor: Any = None,
        folds: int = 5,
        seed: int = 0,
    ) -> LearnedEffect:
        """From one row a customer.

        A regression of the outcome for those with the activity less one for those without (T-learner), each fitted
        without the fold that it is asked about. Doubly robust outcomes of that fold then tell the mean effect and how
        much of the differences is real (Kennedy 2023, Towards optimal doubly robust estimation of heterogeneous causal
        effects, Electronic Journal of Statistics 17(2); Chernozhukov, Demirer, Duflo and Fernández-Val 2018, Generic
        Machine Learning Inference, for the line through them).

        Parameters
        ----------
        table : frame
            pandas, polars or PyArrow frame.
        treated, outcome : str
            Columns, as `RandomisedTest.of` takes them.
        features : str or sequence of str
            Columns of numbers, known before the test and in the table of those to be chosen.
        regressor : object, optional
            With ``fit(X, y)`` and ``predict(X)``, such as one of scikit-learn, not fitted yet; None is a ridge
            regression that bends at the quartiles of each feature.
        folds : int, default 5
            Parts of the test that are left out in turn.
        seed : int, default 0
            Of the parts.

        Returns
        -------
        LearnedEffect
            With ``effect(X)`` and ``effect_interval(X)``, which `Activity` and `target` ask.

        Raises
        ------
        ArgumentError
            There are no features, or the regressor has no such methods or fails.
        DataError
            A column holds something else, or there are fewer than ten customers with or without the activity a fold.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> table = pd.DataFrame({"mailed": rng.integers(0, 2, 4_000), "age": rng.uniform(20, 80, 4_000)})
        >>> table["spent"] = 10 + table["mailed"] * (table["age"] > 50) * 4 + rng.normal(0, 3, 4_000)
        >>> learned = LearnedEffect.of(table, treated="mailed", outcome="spent", features="age")
        >>> learned.effect(pd.DataFrame({"age": [25, 75]})).round().tolist()
        [-0.0, 4.0]
        """
        names = (features,) if isinstance(features, str) else tuple(features)
        if not names:
            raise ArgumentError("features= names the columns by which customers are told apart; there is none.")
        frame = to_pandas(table, "A randomised test")
        test = RandomisedTest.of(frame, treated=treated, outcome=outcome)
        known = _features(frame, names)
        parts = whole("folds", folds, "a whole number, 2 or more", 2, 100)
        fold = folds_of(test.treated, parts, whole("seed", seed))
        models = tuple(fitted(test, known, fold != part, regressor) for part in range(parts))
        with_it, without = np.empty(len(fold)), np.empty(len(fold))
        for part, (one, other) in enumerate(models):
            with_it[fold == part] = predicted(one, known[fold == part])
            without[fold == part] = predicted(other, known[fold == part])
        differs = with_it - without
        mean, kept = calibrated(differs, doubly_robust(test, with_it, without))
        effects = mean.effect + kept.effect * (differs - differs.mean())
        return cls(
            mean=mean,
            kept=kept,
            out_of_fold=pd.Series(effects, index=frame.index, name="effect"),
            test=test,
            features=names,
            _models=models,
            _centre=float(differs.mean()),
        )

    def effect(self, X: Any) -> Array:
        """The effect on customers.

        Parameters
        ----------
        X : frame
            One row a customer, with the features.

        Returns
        -------
        ndarray of shape (n,)
            In the unit of the outcome.

        Raises
        ------
        ArgumentError
            ``X`` is no table.
        DataError
            A feature is missing, or holds something else than numbers.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> table = pd.DataFrame({"mailed": rng.integers(0, 2, 400), "age": rng.uniform(20, 80, 400)})
        >>> table["spent"] = 10.0 + 4.0 * table["mailed"]
        >>> learned = LearnedEffect.of(table, treated="mailed", outcome="spent", features="age")
        >>> learned.effect(pd.DataFrame({"age": [25, 75]})).tolist()
        [4.0, 4.0]
        """
        return self.mean.effect + self.kept.effect * self._differs(X)

    def effect_interval(self, X: Any, alpha: float = 0.1) -> tuple[Array, Array]:
        """Its range: of the mean effect, and of how much of the differences is real.

        The mean of many customers lies in it as often as ``alpha`` says; a single one less often, since how customers
        differ beyond what the regressions have learned is not in it.

        Parameters
        ----------
        X : frame
            One row a customer, with the features.
        alpha : float, default 0.1
            1 less the level: 0.1 is for 90 %.

        Returns
        -------
        tuple of two ndarray of shape (n,)
            Lower and upper bounds.

        Raises
        ------
        ArgumentError
            ``alpha`` is none.
        DataError
            A feature is missing, or holds something else than numbers.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> table = pd.DataFrame({"mailed": rng.integers(0, 2, 400), "age": rng.uniform(20, 80, 400)})
        >>> table["spent"] = 10.0 + 4.0 * table["mailed"]
        >>> learned = LearnedEffect.of(table, treated="mailed", outcome="spent", features="age")
        >>> [bound.tolist() for bound in learned.effect_interval(pd.DataFrame({"age": [25]}))]  # nothing is by chance
        [[4.0], [4.0]]
        """
        outside = finite("alpha", alpha, "a number between 0 and 1, such as 0.1", 1e-9, 1.0 - 1e-9)
        differs = self._differs(X)
        half = -float(sc.ndtri(outside / 2.0)) * np.hypot(self.mean.error, self.kept.error * differs)
        middle = self.mean.effect + self.kept.effect * differs
        return middle - half, middle + half

    def summary(self) -> str:
        """The mean effect, and whether it differs between customers.

        Returns
        -------
        str
            One sentence a line.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> table = pd.DataFrame({"mailed": rng.integers(0, 2, 400), "age": rng.uniform(20, 80, 400)})
        >>> table["spent"] = 10.0 + 4.0 * table["mailed"]
        >>> print(LearnedEffect.of(table, treated="mailed", outcome="spent", features="age").summary())
        The activity made 4.00 a customer (90 %: 4.00 to 4.00), by 221 customers with it and 179 without.
        That it differs by age does not show in this test: it is taken to be the same for all.
        """
        low, high = self.out_of_fold.quantile([0.1, 0.9])
        lowest, highest = formats.amounts([float(low), float(high)])
        told = ", ".join(self.features)
        if self.kept.effect == 0.0:
            differs = f"That it differs by {told} does not show in this test: it is taken to be the same for all."
        else:
            differs = f"By {told} it differs: from {lowest} (tenth percentile) to {highest} (ninetieth)."
        return f"{self.test.summary()}\n{differs}"

    @property
    def source(self) -> str:
        """Where the effects are from, in words."""
        return f"a randomised test, learned by {', '.join(self.features)}"

    def __repr__(self) -> str:
        return self.summary()

    def _differs(self, table: Any) -> Array:
        """By how much the regressions tell customers from the mean of the test, on average over folds."""
        frame = to_pandas(table, "X")
        known = _features(frame, self.features)
        differs = [predicted(one, known) - predicted(other, known) for one, other in self._models]
        return np.asarray(np.mean(differs, axis=0) - self._centre)


# --- private helpers --------------------------------------------------------------------------------------------------


def _features(frame: pd.DataFrame, names: Sequence[str]) -> Array:
    check_columns(list(frame.columns), list(names))
    known = np.column_stack([numbers(frame, name) for name in names])
    wrong = ~np.isfinite(known).all(axis=0)
    if wrong.any():
        which = ", ".join(repr(name) for name, odd in zip(names, wrong, strict=True) if odd)
        raise DataError(
            f"Features are missing or not finite for some customers ({which}). Fill them in, or leave them out."
        )
    return known
