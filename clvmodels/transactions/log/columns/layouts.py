"""Exports of shop systems whose columns are known: what is the customer, the order's amount, and what is no purchase.

Names are those of `names.plain`. An amount is what the customer paid and was not given back, with taxes and
shipping where the export has no better column. What is left out are orders that were cancelled, not paid, given back
entirely, or made for a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clvmodels.transactions.log.columns.names import plain
from clvmodels.transactions.log.columns.skip import ANY

_WOO_STATUS = ["cancelled", "failed", "pending", "on-hold", "refunded", "trash", "draft", "checkout-draft"]
_WOO_SKIP = {"status": [*_WOO_STATUS, *(f"wc-{one}" for one in _WOO_STATUS), "pending payment", "on hold"]}


@dataclass(frozen=True)
class Layout:
    """The columns of an export.

    Attributes
    ----------
    name : str
        Of the export.
    needs : str
        Columns by which it is recognised, all of them; "a|b" is one of two.
    customer, date, order : str
        Columns in the order of preference.
    amount : tuple of str
        Columns, or the difference of two, in the order of preference.
    amount_per : str
        "order" if the amount stands on one line of each order, or on all of them.
    skip : mapping
        Columns with the values of orders that are left out; `ANY` is any value.
    """

    name: str
    needs: str
    customer: str
    date: str
    amount: tuple[str, ...]
    order: str
    amount_per: str = "line"
    skip: Mapping[str, Sequence[str]] = field(default_factory=dict)


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "an order export of Shopify",
        "name email financialstatus lineitemquantity lineitemprice total",
        "customerid email",
        "createdat paidat",
        ("total - refundedamount", "total"),
        "name",
        "order",
        {
            "financialstatus": ["voided", "refunded", "pending", "expired", "unpaid"],
            "cancelledat": [ANY],
            "paymentmethod": ["bogus", "(for testing) bogus gateway"],
        },
    ),
    Layout(
        "an order export of WooCommerce",
        "orderid|ordernumber orderdate|date status|orderstatus ordertotal|ordertotalamount "
        "billingemail|emailbilling|customeremail",
        "billingemail emailbilling customeremail",
        "orderdate date",
        (
            "ordertotalamount - orderrefundamount",
            "ordertotal - refundedtotal",
            "ordertotal - ordertotalrefund",
            "ordertotalamount",
            "ordertotal",
        ),
        "orderid ordernumber",
        "order",
        {**_WOO_SKIP, "orderstatus": _WOO_SKIP["status"]},
    ),
    Layout(
        "a payment export of Stripe",
        "id amount amountrefunded captured status",
        "customerid customeremail",
        "createddateutc createdutc created",
        ("convertedamount - convertedamountrefunded", "amount - amountrefunded"),
        "",
        "line",
        {
            "status": [
                "failed",
                "refunded",
                "canceled",
                "cancelled",
                "blocked",
                "pending",
                "uncaptured",
                "expired",
                "requires_payment_method",
                "requires_action",
                "requires_capture",
                "requires_confirmation",
            ],
            "captured": ["false"],
            "mode": ["test"],
        },
    ),
    Layout(
        "an order export of Magento",
        "id purchasepoint purchasedate status grandtotalbase",
        "customeremail",
        "purchasedate",
        ("grandtotalbase - totalrefunded", "grandtotalbase"),
        "id",
        "order",
        {
            "status": [
                "canceled",
                "closed",
                "fraud",
                "suspected fraud",
                "pending",
                "pending payment",
                "on hold",
                "payment review",
                "pending_payment",
                "holded",
                "payment_review",
            ]
        },
    ),
    Layout(
        "an order table of Magento",
        "incrementid customeremail createdat basegrandtotal|grandtotal status|state",
        "customeremail",
        "createdat",
        (
            "basegrandtotal - basetotalrefunded",
            "grandtotal - totalrefunded",
            "basegrandtotal",
            "grandtotal",
        ),
        "incrementid",
        "order",
        {
            "status": ["canceled", "closed", "fraud", "pending", "pending_payment", "holded", "payment_review"],
            "state": ["canceled", "closed", "pending_payment", "holded", "payment_review"],
        },
    ),
    Layout(
        "an item or transaction export of Square",
        "date time timezone grosssales netsales transactionid eventtype",
        "customerid customerreferenceid",
        "date",
        ("netsales",),
        "transactionid",
    ),
    Layout(
        "a sales export of Lightspeed (X-Series)",
        "date receipt linetype customercode total status",
        "customercode",
        "date",
        ("total",),
        "receipt",
        "line",
        {"linetype": ["sale line", "sale_line", "payment"], "status": ["voided", "saved", "open", "parked"]},
    ),
    Layout(
        "an order export of BigCommerce",
        "orderid orderdate orderstatus ordertotalinctax customeremail",
        "customeremail",
        "orderdate",
        ("ordertotalinctax - refundedamount", "ordertotalinctax"),
        "orderid",
        "order",
        {
            "orderstatus": [
                "cancelled",
                "declined",
                "incomplete",
                "pending",
                "awaiting payment",
                "refunded",
                "manual verification required",
            ]
        },
    ),
)


def find_layout(available: Sequence[str]) -> Layout | None:
    """The export that has these columns, if it is a known one.

    Examples
    --------
    >>> find_layout(["id", "Created (UTC)", "Amount", "Amount Refunded", "Captured", "Status"]).name
    'a payment export of Stripe'
    """
    names = {plain(name) for name in available}
    return next((one for one in LAYOUTS if all(names & {*need.split("|")} for need in one.needs.split())), None)
