"""Columns are guessed where their names say what they hold, and asked for where they don't."""

from __future__ import annotations

import pytest

from clvmodels.errors import ArgumentError, ColumnError
from clvmodels.transactions.log.columns.guess import guess_columns
from clvmodels.transactions.log.columns.names import plain


def guess(names, **told):
    return guess_columns(names, {"customer": None, "date": None, "amount": None, "order": None, **told})


@pytest.mark.parametrize(
    ("names", "customer", "date", "amount", "order"),
    [
        (["customer_id", "date", "quantity", "amount"], "customer_id", "date", "amount", None),
        (
            ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID"],
            *("Customer ID", "InvoiceDate", "Quantity * Price", "Invoice"),
        ),
        (
            ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"],
            *("CustomerID", "InvoiceDate", "Quantity * UnitPrice", "InvoiceNo"),
        ),
        (["Id", "InvoiceDate", "Price × Quantity"], "Id", "InvoiceDate", "Price × Quantity", None),
        (["client", "timestamp", "revenue"], "client", "timestamp", "revenue", None),
        (["user_id", "order_date", "total", "order_id"], "user_id", "order_date", "total", "order_id"),
        # an id is likelier than a name, and the day of the order likelier than a day
        (["customer", "customer_id", "date", "order_date", "sales"], "customer_id", "order_date", "sales", None),
        (["cust", "created_at", "price"], "cust", "created_at", "price", None),
        (["cust", "day"], "cust", "day", None, None),
        # two order numbers: none is guessed
        (["cust", "day", "order_id", "invoice"], "cust", "day", None, None),
        (["Id", "Date", "Amount"], "Id", "Date", "Amount", None),
        (["email", "Order Date", "Total (EUR)"], "email", "Order Date", "Total (EUR)", None),
        (["customer_id", "email", "date"], "customer_id", "date", None, None),
        # German
        (["Kundennummer", "Datum", "Betrag"], "Kundennummer", "Datum", "Betrag", None),
        (
            ["Kunden-Nr.", "Bestelldatum", "Bestellnummer", "Menge", "Einzelpreis"],
            *("Kunden-Nr.", "Bestelldatum", "Menge * Einzelpreis", "Bestellnummer"),
        ),
        (
            ["Käufer", "Rechnungsdatum", "Umsatz €", "Rechnungsnr"],
            "Käufer",
            "Rechnungsdatum",
            "Umsatz €",
            "Rechnungsnr",
        ),
        (["KdNr", "Kaufdatum", "Anzahl", "Stückpreis"], "KdNr", "Kaufdatum", "Anzahl * Stückpreis", None),
        # French
        (
            ["N° client", "Date de commande", "Montant TTC", "N° commande"],
            *("N° client", "Date de commande", "Montant TTC", "N° commande"),
        ),
        (["Client", "Date", "Quantité", "Prix unitaire"], "Client", "Date", "Quantité * Prix unitaire", None),
        # Spanish
        (
            ["Número de cliente", "Fecha del pedido", "Importe", "Nº pedido"],
            *("Número de cliente", "Fecha del pedido", "Importe", "Nº pedido"),
        ),
        (["ID cliente", "fecha", "cantidad", "precio"], "ID cliente", "fecha", "cantidad * precio", None),
        # Italian
        (
            ["Codice cliente", "Data ordine", "Importo totale", "Numero ordine"],
            *("Codice cliente", "Data ordine", "Importo totale", "Numero ordine"),
        ),
        (["cliente", "data", "quantità", "prezzo"], "cliente", "data", "quantità * prezzo", None),
        # Dutch
        (
            ["Klantnummer", "Besteldatum", "Totaalbedrag", "Ordernummer"],
            *("Klantnummer", "Besteldatum", "Totaalbedrag", "Ordernummer"),
        ),
    ],
)
def test_common_names_are_guessed(names, customer, date, amount, order):
    for columns in (names, [name.upper() for name in names]):
        found = guess(columns)
        here = [name if names is columns or name is None else name.upper() for name in (customer, date, amount, order)]
        assert [found.customer, found.date, found.amount, found.order] == here
        assert {"customer", "date"} <= set(found.guessed)
        assert ("order" in found.guessed) == (order is not None)


def test_what_is_told_is_not_guessed():
    found = guess(["id", "when", "qty", "each"], customer="id", date="when", amount="qty * each")
    assert (found.customer, found.date, found.amount, found.guessed) == ("id", "when", "qty * each", ())


def test_none_means_none():
    found = guess(["customer_id", "date", "amount", "order_id"], amount="none", order="none")
    assert (found.amount, found.order) == (None, None)


def test_a_column_with_a_star_or_a_minus_in_its_name_is_a_column():
    assert guess(["cust", "date", "a * b"], amount="a * b").amount == "a * b"
    assert guess(["cust", "date", "a - b"], amount="a - b").amount == "a - b"


def test_a_product_beside_a_discount_says_what_is_not_taken_off():
    (doubt,) = guess(["cust", "date", "qty", "price", "discount"]).doubts
    assert "Pass amount='qty * price - discount'" in doubt


@pytest.mark.parametrize(
    ("names", "told", "error", "says"),
    [
        (
            ["who", "date"],
            {},
            ArgumentError,
            "No column has .* Pass customer=, one of: who, date",
        ),
        ([], {}, ArgumentError, "The log has no columns."),
        (["cust", "wann"], {}, ArgumentError, "Pass date=, one of: cust, wann."),
        (["customer_id", "client_id", "date"], {}, ArgumentError, "customer='customer_id' or customer='client_id'"),
        (["Customer ID", "customer_id", "date"], {}, ArgumentError, "customer='Customer ID' or customer='customer_id'"),
        (["cust", "date", "revenue", "sales"], {}, ArgumentError, "amount='revenue' or amount='sales'"),
        (["cust", "date", "subtotal", "total"], {}, ArgumentError, "amount='subtotal' or amount='total'"),
        (["cust", "date", "qty", "units", "price"], {}, ArgumentError, r"'qty \* price' or amount='units \* price'"),
        (["cust", "date", "unit_price"], {}, ArgumentError, "'unit_price' is the price of one piece"),
        (["Customer Name", "date", "total"], {}, ArgumentError, "Customer Name holds names, which two customers may"),
        (["cust", "order_date", "invoice_date"], {}, ArgumentError, "date='order_date' or date='invoice_date'"),
        (["cust", "date"], {"customer": "Cust"}, ColumnError, "Pass customer='cust'."),
        (
            ["cust", "date", "qty"],
            {"amount": "qty * pries"},
            ColumnError,
            "'pries' not found. Columns: cust, date",
        ),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(names, told, error, says):
    with pytest.raises(error, match=says):
        guess(names, **told)


def test_names_are_compared_without_case_accents_and_currency():
    assert plain("Amount_USD") == plain("amount (EUR)") == plain("AMOUNT") == "amount"
    assert plain("Kaeufer") == plain("Käufer")
    assert plain("euro") == "euro"
