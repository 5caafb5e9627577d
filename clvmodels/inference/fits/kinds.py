"""Kinds of fit: of purchases, of spend and of renewals, plain or of groups; and bare parameters of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from clvmodels.inference.data.groups import members
from clvmodels.inference.fits.estimate import Estimate
from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.on_clock import FitOnClock
from clvmodels.inference.fits.predictions.common import Predictions
from clvmodels.inference.fits.predictions.payments import PaymentPredictions
from clvmodels.inference.fits.predictions.purchases import PurchasePredictions
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.fits.predictions.spend import SpendPredictions
from clvmodels.inference.population.group_structure import GroupStructure
from clvmodels.inference.population.structure import Data, Structure
from clvmodels.transactions.log.log import Log


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PurchaseFit(FitOnClock, PurchasePredictions):
    """A fitted purchase model."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SpendFit(Fit, SpendPredictions):
    """A fitted spend model."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class RenewalFit(Fit, RenewalPredictions):
    """A fitted model of renewals."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PaymentFit(Fit, PaymentPredictions):
    """A fitted model of payments."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class GroupedFit(Fit):
    """A fit of groups, partially pooled: each customer is predicted by the parameters of their group."""

    structure: GroupStructure

    @property
    def groups(self) -> pd.Series[str]:
        """The group of each customer fitted, by customer_id."""
        return self.structure.groups.of(self.customers)

    @property
    def hyperparameters(self) -> pd.DataFrame:
        """What the groups have in common, one row a parameter.

        ``typical`` is the posterior mean of the value around which groups scatter, ``spread`` that of their standard
        deviation on the log scale.
        """
        return self.structure.groups.hyperparameters

    @property
    def fits(self) -> dict[str, Fit]:
        """A fit for each group, with its parameters, draws and customers."""
        groups = self.structure.groups
        parts = {} if self.customers is None else members(self.customers, groups.of(self.customers))
        return {label: self._fit_of(label, parts.get(label)) for label in groups.labels}

    def with_groups(self, group: Any) -> Self:
        """The same fit, told who is in which group: for customers who were not fitted.

        Parameters
        ----------
        group : str or pandas.Series
            "cohort", a column of the customers, or the group of each customer by customer_id.

        Returns
        -------
        Fit
            With the same parameters and draws.

        Raises
        ------
        ArgumentError, DataError
            The group is not known, or missing for some customers.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> fit = clv.fit(customers, "bg/nbd", method="nuts", group="cohort")  # doctest: +SKIP
        >>> later = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                       unit="week", observation_end="1998-06-30")
        >>> fit.with_groups("cohort").expected_purchases("1Y", later)  # doctest: +SKIP
        """
        return replace(self, structure=replace(self.structure, groups=self.structure.groups.changed(group)))

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """The summaries of all groups, one below the other.

        Parameters
        ----------
        level : float
            Level of the interval.

        Returns
        -------
        pandas.DataFrame
            One row a ``group`` and ``parameter``; columns as in `Fit.summary`.

        Raises
        ------
        ArgumentError
            The level is not between 0 and 1.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
        ...                           unit="week", observation_end="1997-09-30")
        >>> fit = clv.fit(customers, "bg/nbd", method="nuts", group="cohort")  # doctest: +SKIP
        >>> fit.summary().loc["1997-01"]  # doctest: +SKIP
        """
        table = super().summary(level)
        labels, own = self.structure.groups.labels, list(self.definition.spec.parameters)
        table.index = pd.MultiIndex.from_product([labels, own], names=["group", "parameter"])
        return table

    def _fit_of(self, label: str, customers: Any) -> Fit:
        data = None if customers is None else self.structure.plain.data(customers)
        estimate = self._estimate_of(label, data)
        return fit_of(self.structure.plain, estimate, customers, self.observation_end, self.currency)

    def _estimate_of(self, label: str, data: Data | None) -> Estimate:
        """The parameters of one group as if they were those of a fit to it alone."""
        parameters = {name: self.parameters[long] for name, long in self.structure.own_names(label).items()}
        place, values = self.structure.place(label), np.array(list(parameters.values()))
        return replace(
            self.estimate,
            parameters=parameters,
            logs=len(parameters),
            covariance_log=self.covariance_log[np.ix_(place, place)],
            log_likelihood=np.nan if data is None else data.likelihood.value(values),
            n_customers=self.structure.groups.sizes[self.structure.groups.labels.index(label)],
            n_histories=0 if data is None else len(data.histories),
            diagnosis=("Partially pooled with other groups.",),
            theta=None if self.theta is None else self.theta[..., place],
        )

    def _heading(self) -> str:
        groups = self.structure.groups
        return (
            f"{self.definition.spec.title}, {len(groups.labels)} groups partially pooled, {self.n_customers:,} "
            f"customers ({min(groups.sizes):,} to {max(groups.sizes):,} a group), time in {self.unit}s"
        )

    def _shown(self) -> pd.DataFrame:
        return self.hyperparameters


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class GroupedPurchaseFit(GroupedFit, PurchaseFit):
    """A purchase model of groups."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class GroupedSpendFit(GroupedFit, SpendFit):
    """A spend model of groups."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BareParameters(Predictions):
    """Parameter values without an estimate, such as those that a paper prints.

    Attributes
    ----------
    values : dict of str to float
        The parameters on their natural scale, times in ``unit``.
    structure, customers, observation_end
        Which model of which customers; see `Predictions`.
    """

    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, float]:
        """Values on their natural scale, times in ``unit``."""
        return dict(self.values)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BarePurchases(BareParameters, PurchasePredictions):
    """A purchase model at given parameters."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BareSpend(BareParameters, SpendPredictions):
    """A spend model at given parameters."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BareRenewals(BareParameters, RenewalPredictions):
    """A model of renewals at given parameters."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BarePayments(BareParameters, PaymentPredictions):
    """A model of payments at given parameters."""


_FITS = {"purchases": PurchaseFit, "spend": SpendFit, "subscriptions": RenewalFit, "payments": PaymentFit}
_GROUPED = {"purchases": GroupedPurchaseFit, "spend": GroupedSpendFit}
BARE = {
    "purchases": BarePurchases,
    "spend": BareSpend,
    "subscriptions": BareRenewals,
    "payments": BarePayments,
}


def fit_of(
    structure: Structure,
    estimate: Estimate,
    customers: Any,
    observation_end: pd.Timestamp | None,
    currency: str | None,
    log: Log | None = None,
) -> Fit:
    """The fit of the kind that belongs to the model; ``log`` is how that of the customers was read."""
    kinds: Mapping[str, type[Fit]] = _GROUPED if isinstance(structure, GroupStructure) else _FITS
    return kinds[structure.model.spec.kind](
        structure=structure,
        estimate=estimate,
        customers=customers,
        observation_end=observation_end,
        currency=currency,
        log=getattr(customers, "log", None) or log,
    )
