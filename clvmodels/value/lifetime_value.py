"""Discounted customer lifetime value: expected purchases × margin, less costs."""

from __future__ import annotations

import pandas as pd

from clvmodels.inference.fits.fit import Fit
from clvmodels.inference.fits.predictions.renewals import RenewalPredictions
from clvmodels.inference.population.structure import Who
from clvmodels.signatures import checked
from clvmodels.transactions.units import Span
from clvmodels.value.conditions import Conditions
from clvmodels.value.costs import PerCustomer
from clvmodels.value.credit_loss import CreditLoss
from clvmodels.value.of_purchases import purchase_valuation
from clvmodels.value.of_renewals import renewal_valuation
from clvmodels.value.valuation import valued


@checked
def lifetime_value(
    purchases: Fit,
    spend: Fit | PerCustomer,
    customers: Who = None,
    *,
    horizon: Span | None,
    annual_discount_rate: float,
    margin: PerCustomer = 1.0,
    cost_per_purchase: PerCustomer = 0.0,
    retention_cost_per_year: PerCustomer = 0.0,
    acquisition_cost: float | None = None,
    until_renewal: PerCustomer = 0.0,
    risk_horizon: Span = "1Y",
    yearly: bool = False,
    interval: float | None = None,
    predictive: bool = False,
    credit_loss: CreditLoss | PerCustomer | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Value, risk and what they are made of, one row a customer.

    Value = (margin × expected spend - cost per purchase) × discounted expected purchases - retention cost per year ×
    discounted years alive, from the end of the observation on. Purchases and spend are independent under the
    Gamma-Gamma model. For ``customers="new"`` the first purchase is added and the acquisition cost taken off.

    With a fit of renewals, value = (margin × price - cost per period - retention cost per period) × discounted expected
    periods. A period is paid at its beginning. Of who is still there it counts the periods from the next renewal on, so
    that just before that renewal it is the residual value of Fader and Hardie (2010), Customer-Base Valuation in a
    Contractual Setting: the period under way is paid already. Of a new customer it counts all, the first one certain
    and undiscounted. Who has left has no row; a cohort of a survival table has one, with the value of one of its
    customers.

    Parameters
    ----------
    purchases : Fit
        A purchase model; of subscriptions a model of renewals ("sbg", "bdw").
    spend : Fit, float, pandas.Series or sequence
        A spend model, fitted to the same customers; of subscriptions what is paid a period, a number or one a customer.
    customers : Customers, Subscriptions, "new" or None
        Whom to value; None means those that ``purchases`` was fitted to.
    horizon : float, str or None
        A number of the model's units or a span such as "12M" or "1Y" (of a monthly subscription the next 12 payments);
        None means for life. Whole months and years end on the day of the calendar, as in `clvmodels.forecast`, where
        customers know the last day observed; else a year is 365.25 days.
    annual_discount_rate : float
        0.10 is 10 % a year, compounded continuously within it.
    margin : float, pandas.Series or sequence
        Share of the spend that is earned; a number, or one a customer (a Series by customer_id, or an array).
    cost_per_purchase : float, pandas.Series or sequence
        What serving a purchase (of subscriptions: a period) costs, in the currency of the amounts; a number, or one a
        customer.
    retention_cost_per_year : float, pandas.Series or sequence
        What keeping a customer costs a year while the customer is alive; a number, or one a customer.
    acquisition_cost : float or None
        What winning a new customer costs; with ``customers="new"`` only.
    until_renewal : float, pandas.Series or sequence
        Of subscriptions: periods from now to the next renewal, 0 if it is due, 1 if one has just been made.
    risk_horizon : float or str
        For ``horizon=None``: the horizon of counts and risks, which have no meaning for life.
    yearly : bool
        Add ``lifetime_value_year_1``, ``_2``, … for the years of the horizon; they add up to ``lifetime_value``.
    interval : float or None
        Level of an interval, such as 0.90: adds ``_lower`` and ``_upper`` to each column, from paired draws of the
        parameters of both models; ``attrs["total"]`` holds estimate and bounds of the sums over customers, which are
        sums draw by draw and not sums of bounds.
    predictive : bool
        Let the intervals of purchases, spend and value hold the randomness of the customers too. Needs a horizon with
        an end.
    credit_loss : CreditLoss, float, pandas.Series, sequence or frame, optional
        What is lost on invoices that are not paid: the margin m becomes m - PD · LGD, since the invoice is lost and not
        the margin alone. A number is PD · LGD itself; `CreditLoss` takes it apart, has the probabilities of a fit of
        payments, and says whether subscribers who don't pay are stopped (their probability of default counts as
        constant, at its estimate). Intervals hold what is not known of the probabilities, and no luck with invoices.

    Returns
    -------
    pandas.DataFrame
        ``probability_alive``, ``purchase_probability``, ``attrition_risk`` (no purchase in the horizon),
        ``expected_purchases``, ``expected_spend`` (a purchase) and ``lifetime_value``, the last two in the currency of
        the amounts. Of subscriptions: ``retention`` (the next renewal is made), ``attrition_risk`` (one of the renewals
        in the horizon is not), ``expected_periods`` (paid in the horizon, undiscounted), ``price`` and
        ``lifetime_value``. With a credit loss also ``credit_loss``, expected on a unit of income. ``attrs`` holds
        currency, horizon and rate, and what is assumed of the credit loss.

    Raises
    ------
    ArgumentError
        A horizon, rate or option has no meaning.
    DataError
        A margin or cost is missing for some customers, or is not finite; the customers carry no amounts.
    UnsupportedPrediction
        The fits are not one of purchases and one of spend, or an expected spend is infinite.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.summarize(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date",
    ...                           amount="amount", unit="week", observation_end="1997-09-30")
    >>> purchases, spend = clv.fit(customers, "bg/nbd"), clv.fit(customers, "gamma-gamma")
    >>> value = clv.lifetime_value(purchases, spend, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> value.loc[1, ["expected_purchases", "expected_spend", "lifetime_value"]].astype(float).round(2).to_dict()
    {'expected_purchases': 1.56, 'expected_spend': 24.65, 'lifetime_value': 11.06}

    Subscribers who pay 20 a month:

    >>> months = clv.Subscriptions.from_survival({"May": [900, 568, 421, 344], "June": [800, 505, 374]}, unit="month")
    >>> renewals = clv.fit(months, "sbg")
    >>> value = clv.lifetime_value(renewals, 20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30)
    >>> value["lifetime_value"].round(2).to_dict()
    {'May': 35.96, 'June': 32.14}

    The same if 2 % of the invoices are never paid:

    >>> value = clv.lifetime_value(renewals, 20.0, horizon="1Y", annual_discount_rate=0.10, margin=0.30,
    ...                            credit_loss=0.02)
    >>> value["lifetime_value"].round(2).to_dict()
    {'May': 33.57, 'June': 30.0}
    """
    conditions = Conditions(
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        cost_per_purchase=cost_per_purchase,
        retention_cost_per_year=retention_cost_per_year,
        acquisition_cost=acquisition_cost,
        until_renewal=until_renewal,
        risk_horizon=risk_horizon,
        interval=interval,
        predictive=predictive,
        credit_loss=None if credit_loss is None else CreditLoss.of(credit_loss),
    )
    if isinstance(purchases, RenewalPredictions):
        return valued(renewal_valuation(purchases, spend, customers, conditions), conditions, yearly=yearly)
    return valued(purchase_valuation(purchases, spend, customers, conditions), conditions, yearly=yearly)
