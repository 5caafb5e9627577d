"""Credit loss: the share of an invoice that is expected to be lost, of each customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from clvmodels.arguments import shortly
from clvmodels.errors import ArgumentError
from clvmodels.inference.fits.predictions.payments import PaymentPredictions
from clvmodels.transactions.frames import customer_ids, to_pandas
from clvmodels.transactions.validation import check_columns
from clvmodels.value.costs import PerCustomer

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
        told |= {name: _told(getattr(self, name)) for name in ASSUMED}
        return told | {"after_default": self.after_default}


ASSUMED = ("loss_given_default", "share_on_credit")


def _told(value: Any) -> Any:
    return "by customer" if np.ndim(value) else value
