"""Credit loss: the share of an invoice that is expected to be lost, of each customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.arrays import Array, Places
from clvmodels.errors import ArgumentError, DataError
from clvmodels.inference.fits.predictions.payments import PaymentPredictions
from clvmodels.inference.population import quantities
from clvmodels.inference.population.intervals import over_draws, records
from clvmodels.inference.population.population import Parameters, Population
from clvmodels.transactions.frames import customer_ids, to_pandas
from clvmodels.transactions.payments import Payments
from clvmodels.transactions.validation import check_columns
from clvmodels.value.costs import PerCustomer, each_customer

_COLUMNS = ("default_probability", "loss_given_default")


@dataclass(frozen=True, eq=False, kw_only=True)
class CreditLoss:
    """What is lost on invoices that are not paid: probability of default × loss given default × share on credit.

    What is lost is the invoice and not the margin: a margin m becomes m - PD · LGD, since the goods were delivered and
    are paid for by the seller. Loss given default and share on credit are assumptions unless they were measured.

    Parameters
    ----------
    default_probability : Fit, float, pandas.Series or sequence
        P(an invoice is not paid): a fit of "beta-binomial" to `Payments` (a customer without invoices gets the mean of
        the population), a number, or one a customer, such as the scores of a credit bureau after
        `calibrate_default_probability`.
    loss_given_default : float, pandas.Series or sequence
        Share of an unpaid invoice that is lost for good, from 0 to 1.
    share_on_credit : float, pandas.Series or sequence, default 1
        Share of the sales that are invoiced rather than paid at once.
    after_default : {"kept", "stopped"}, default "kept"
        Of contracts: whether a customer who does not pay is kept, or stopped and lost, so that of those who would renew
        the share 1 - PD stays.

    Raises
    ------
    ArgumentError
        ``after_default`` is neither, or a number is no share.

    Examples
    --------
    >>> CreditLoss(default_probability=0.07, loss_given_default=0.9).after_default
    'kept'
    """

    default_probability: PaymentPredictions | PerCustomer
    loss_given_default: PerCustomer
    share_on_credit: PerCustomer = 1.0
    after_default: Literal["kept", "stopped"] = "kept"

    def __post_init__(self) -> None:
        if self.after_default not in ("kept", "stopped"):
            raise ArgumentError(f'after_default must be "kept" or "stopped", not {shortly(self.after_default)}.')

    @classmethod
    def of(cls, given: Any) -> CreditLoss:
        """Credit loss as users give it.

        Parameters
        ----------
        given : CreditLoss, float, pandas.Series, sequence or frame
            A number is the expected loss on a unit of income, PD · LGD; a Series or sequence the same, one a customer;
            a frame has a row a customer (``customer_id`` or the index) and the columns ``default_probability``,
            ``loss_given_default`` and, if not all is sold on credit, ``share_on_credit``.

        Returns
        -------
        CreditLoss
            The same in one form.

        Raises
        ------
        ArgumentError
            It is a fit without a loss given default.
        DataError
            The frame lacks a column.

        Examples
        --------
        >>> CreditLoss.of(0.02).default_probability
        0.02
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, PaymentPredictions):
            raise ArgumentError(
                "What is lost of an unpaid invoice is not known from payments. Pass credit_loss=clv.CreditLoss("
                "default_probability=fit, loss_given_default=0.9), with a share of your own."
            )
        if isinstance(given, pd.DataFrame) or hasattr(given, "columns"):
            return cls._of_frame(to_pandas(given, "A table of credit losses"))
        return cls(default_probability=given, loss_given_default=1.0)

    @classmethod
    def _of_frame(cls, frame: pd.DataFrame) -> CreditLoss:
        check_columns(list(frame.columns), _COLUMNS)
        table = frame.set_index(customer_ids(frame, None))
        return cls(
            default_probability=table["default_probability"],
            loss_given_default=table["loss_given_default"],
            share_on_credit=table.get("share_on_credit", 1.0),
        )

    def terms(self, ids: pd.Index[Any], *, new: bool = False) -> CreditTerms:
        """The credit loss of these customers.

        Parameters
        ----------
        ids : pandas.Index
            The customers.
        new : bool, default False
            Whether it is one new customer.

        Returns
        -------
        CreditTerms
            Probabilities, shares, and draws of the probabilities.

        Raises
        ------
        DataError
            A customer has no value, or one that is no share.

        Examples
        --------
        >>> float(CreditLoss.of(0.02).terms(pd.Index(["ann"])).loss[0])
        0.02
        """
        given = self.loss_given_default, self.share_on_credit
        lgd, credit = (shares(each, ids, name) for each, name in zip(given, _ASSUMED, strict=True))
        fit = self.default_probability
        if not isinstance(fit, PaymentPredictions):
            return CreditTerms(shares(fit, ids, "default_probability"), lgd, credit, self.after_default)
        people = fit.population("new" if new else _with_all(fit, ids))
        probability = people.spread(people.evaluate(quantities.default_probability(), fit.parameters))
        return CreditTerms(probability, lgd, credit, self.after_default, fit, people)

    def assumptions(self) -> dict[str, Any]:
        """What is assumed, to stand beside a result.

        Returns
        -------
        dict
            The arguments; "by customer" where there is one a customer, and the name of the model for a fit.

        Examples
        --------
        >>> CreditLoss(default_probability=[0.1, 0.2], loss_given_default=0.9).assumptions()["loss_given_default"]
        0.9
        """
        fit = self.default_probability
        told = {"default_probability": fit.model if isinstance(fit, PaymentPredictions) else _told(fit)}
        told |= {name: _told(getattr(self, name)) for name in _ASSUMED}
        return told | {"after_default": self.after_default}


_ASSUMED = ("loss_given_default", "share_on_credit")


@dataclass(frozen=True, eq=False)
class CreditTerms:
    """The credit loss of given customers, in their order.

    Attributes
    ----------
    probability, loss_given_default, share_on_credit : ndarray of shape (n,)
        See `CreditLoss`.
    after_default : str
        "kept" or "stopped".
    fit : PaymentPredictions or None
        Where the probabilities come from, if they have draws.
    population : Population or None
        The customers, as that fit sees them.
    """

    probability: Array
    loss_given_default: Array
    share_on_credit: Array
    after_default: str
    fit: PaymentPredictions | None = None
    population: Population | None = None

    @property
    def loss(self) -> Array:
        """The expected loss on a unit of income, shape (n,)."""
        return self.probability * self.loss_given_default * self.share_on_credit

    def draws(self, count: int) -> list[Parameters]:
        """Draws of the parameters of the fit; empty ones where there is none."""
        return [{}] * count if self.fit is None else records(self.fit.draws(count))

    def probability_over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """P(an invoice is not paid) of some customers at every draw, shape (customers, draws) or (customers, 1)."""
        if self.population is None:
            return self.probability[customers][:, None]
        rows, place = np.unique(self.population.row_of_id[customers], return_inverse=True)
        return over_draws(quantities.default_probability(), draws, self.population.take(rows))[place]

    def loss_over_draws(self, draws: Sequence[Parameters], customers: Places) -> Array:
        """The expected loss on a unit of income of some customers at every draw."""
        lost = self.loss_given_default[customers] * self.share_on_credit[customers]
        return self.probability_over_draws(draws, customers) * lost[:, None]


def loss_column(credit: CreditTerms | None, ids: pd.Index[Any]) -> dict[str, pd.Series[float]]:
    """The column of a valuation with the expected loss on a unit of income, if it is taken off."""
    return {} if credit is None else {"credit_loss": pd.Series(credit.loss, ids, name="credit_loss")}


def shares(value: PerCustomer, ids: pd.Index[Any], name: str) -> Array:
    """A share from 0 to 1 of each customer, shape (n,)."""
    found = each_customer(value, ids, name)
    wrong = (found < 0.0) | (found > 1.0)
    if wrong.any():
        raise DataError(
            f"{name} must be a share from 0 to 1; it is {found[wrong][0]:g} for {int(wrong.sum()):,} customers (ids "
            f"{', '.join(map(str, ids[wrong][:3]))})."
        )
    return found


def _with_all(fit: PaymentPredictions, ids: pd.Index[Any]) -> Payments:
    """The payments of these customers; who has no invoice has no history."""
    payments = fit.customers
    if not isinstance(payments, Payments):
        raise ArgumentError("The fit of payments carries no customers. Fit it to Payments, or pass its probabilities.")
    table = payments.table.reindex(ids)
    missing = table["invoices"].isna()
    if "segment" in table and missing.any() and fit.structure.customer_columns:
        raise DataError(
            f"{int(missing.sum()):,} customers have no invoice, so that their segment isn't known (ids "
            f"{', '.join(map(str, ids[missing][:3]))}). Give them a row with n=0 in Payments.from_counts."
        )
    return Payments(table.fillna({"invoices": 0, "unpaid": 0, "late": 0, "open_amount": 0.0, "unpaid_amount": 0.0}))


def _told(value: Any) -> Any:
    return "by customer" if np.ndim(value) else value
