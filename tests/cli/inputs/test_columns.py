"""Columns are guessed where their names say what they hold, and asked for where they don't."""

import pytest

from clvmodels.cli.inputs.columns import choose_columns
from clvmodels.cli.terminal import UsageProblem


def choose(names, **told):
    return choose_columns(names, **{"customer": None, "date": None, "amount": None, "order": None, **told})


@pytest.mark.parametrize(
    ("names", "customer", "date", "amount", "order"),
    [
        (["customer_id", "date", "quantity", "amount"], "customer_id", "date", ("amount",), None),
        (
            ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID"],
            "Customer ID",
            "InvoiceDate",
            ("Quantity", "Price"),
            "Invoice",
        ),
        (
            ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
            "CustomerID",
            "InvoiceDate",
            ("Quantity", "UnitPrice"),
            "InvoiceNo",
        ),
        (["client", "timestamp", "revenue"], "client", "timestamp", ("revenue",), None),
        (["user_id", "order_date", "total", "order_id"], "user_id", "order_date", ("total",), "order_id"),
        # an id is likelier than a name, and the day of the order likelier than a day
        (["customer", "customer_id", "date", "order_date", "sales"], "customer_id", "order_date", ("sales",), None),
        (["cust", "created_at", "price"], "cust", "created_at", ("price",), None),
        (["cust", "day"], "cust", "day", (), None),
        # two orders numbers: none is guessed
        (["cust", "day", "order_id", "invoice"], "cust", "day", (), None),
    ],
)
def test_common_names_are_guessed(names, customer, date, amount, order):
    chosen = choose(names)
    assert (chosen.customer, chosen.date, chosen.amount, chosen.order) == (customer, date, amount, order)
    assert {"customer", "date"} <= set(chosen.guessed)
    assert ("order" in chosen.guessed) == (order is not None)


def test_what_is_told_is_not_guessed():
    chosen = choose(["id", "when", "qty", "each"], customer="id", date="when", amount="qty * each")
    assert (chosen.customer, chosen.date, chosen.amount, chosen.guessed) == ("id", "when", ("qty", "each"), ())


def test_none_means_none():
    chosen = choose(["customer_id", "date", "amount", "order_id"], amount="none", order="none")
    assert (chosen.amount, chosen.order) == ((), None)


def test_a_column_with_a_star_in_its_name_is_a_column():
    assert choose(["cust", "date", "a * b"], amount="a * b").amount == ("a * b",)


@pytest.mark.parametrize(
    ("names", "told", "says"),
    [
        (["who", "date"], {}, "Pass --customer COLUMN, one of: who, date."),
        (["cust", "wann"], {}, "Pass --date COLUMN, one of: cust, wann."),
        (["customer_id", "client_id", "date"], {}, "--customer customer_id or --customer client_id"),
        (["Customer ID", "customer_id", "date"], {}, '--customer "Customer ID" or --customer customer_id'),
        (["cust", "date", "revenue", "sales"], {}, "--amount revenue or --amount sales"),
        (["cust", "date", "qty", "units", "price"], {}, '--amount "qty * price" or --amount "units * price"'),
        (["cust", "date"], {"customer": "Cust"}, "Did you mean --customer cust?"),
        (
            ["cust", "date", "qty"],
            {"amount": "qty * pries"},
            "no column 'pries' (--amount). Its columns: cust, date, qty.",
        ),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(names, told, says):
    with pytest.raises(UsageProblem) as error:
        choose(names, **told)
    assert says in str(error.value)
