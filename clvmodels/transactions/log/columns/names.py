"""What columns of a log are commonly called, in English, German, French, Spanish, Italian and Dutch.

Names are compared in small letters and digits, without accents: "Kunden-Nr." is "kundennr", "Montant réglé"
"montantregle". Of several tiers the first one with a hit decides; two hits in it are too many.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import product

type Names = frozenset[str]

_NUMBER = ("id", "no", "nr", "num", "number", "key", "code")
_DAY = ("date", "datetime", "timestamp", "time")
_CURRENCIES = "eur|euro|usd|gbp|chf|cad|aud|nzd|sek|nok|dkk|pln|czk|jpy|cny|inr|brl|mxn"


def _joined(*parts: str) -> Names:
    """Every way to take one word of each part; "-" stands for none."""
    return frozenset("".join(words).replace("-", "") for words in product(*(part.split() for part in parts)))


_N = " ".join(_NUMBER)
_ROMANCE_NUMBER = "id num no nro numero codigo code codice cod"

CUSTOMER: tuple[Names, ...] = (
    _joined("customer customers cust client customerunique buyer", _N)
    | _joined("kunden kunde kun kd kdn debitoren debitor klant klanten", "nummer nr id kennung nummer code no")
    | _joined(f"{_ROMANCE_NUMBER} n", "- de du del della", "client cliente clienti acheteur comprador acquirente")
    | _joined("client cliente klant", "numero codigo codice nummer id nr"),
    frozenset({"customer", "cust", "client", "kunde", "kunden", "klant", "cliente", "debitor"}),
    _joined("user member shopper household account person donor subscriber", f"- {_N}")
    | _joined("buyer", "-")
    | _joined("mitglied mitglieds nutzer benutzer spender lid gebruiker", "- nummer nr id")
    | frozenset({"acheteur", "adherent", "comprador", "usuario", "socio", "acquirente", "utente", "koper", "kaufer"}),
    _joined("- customer client buyer billing user kunden klant", "email emailaddress mail")
    | frozenset({"courriel", "adressemail", "adresseemail", "correo", "correoelectronico", "indirizzoemail"})
    | frozenset({"emailbilling", "emailadresse", "emailadres", "mailadresse"}),
)
# A customer by one word, which may be an id or a name: what it is, the values tell. The address of a person is an id.
ONE_WORD, EMAIL = CUSTOMER[1], CUSTOMER[3]
# The number of a customer, or of a line: what it is, the values tell.
PLAIN_ID: Names = frozenset({"id", "uid", "uuid", "guid"})
# A name is no id: two customers may share one.
PERSON_NAMES: Names = _joined("- customer client billing billto buyer kunden", "name fullname") | frozenset({"nom"})

DATE: tuple[Names, ...] = (
    _joined("order invoice purchase transaction trans txn sale sales receipt", " ".join(_DAY))
    | frozenset({"orderedat", "purchasedat", "purchaseat", "orderpurchasetimestamp", "orderday", "purchaseday"})
    | frozenset({"dateoforder", "dateofpurchase", "dateoftransaction"})
    | _joined("bestell kauf rechnungs auftrags buchungs beleg verkaufs umsatz bon", "datum tag zeit zeitpunkt")
    | _joined("order bestel factuur aankoop verkoop transactie bon", "datum")
    | _joined("date", "- de du dela d l", "commande facture achat vente transaction ticket")
    | _joined("fecha", "- de dela del", "pedido compra factura venta transaccion ticket")
    | _joined("data", "- di del della dell", "ordine fattura acquisto vendita transazione scontrino"),
    frozenset({"date", "datetime", "timestamp", "day", "datum", "fecha", "jour", "giorno", "dag", "tag", "dia"})
    | frozenset({"datetimeutc", "dateutc", "datumzeit", "datumuhrzeit", "dateheure", "fechahora", "dataora"}),
    frozenset({"time", "createdat", "created", "createddate", "createdateutc", "createdutc", "createddateutc", "ts"})
    | frozenset({"creationdate", "datecreated", "erstelltam", "angelegtam", "datecreation", "creele", "aangemaakt"})
    | frozenset({"fechacreacion", "datacreazione", "zeitstempel", "horodatage"}),
    frozenset({"paidat", "paiddate", "datepaid", "paymentdate", "bezahltam", "zahldatum", "zahlungsdatum", "data"}),
)

# Totals of an order, by their names; in an export with a line an item they are often repeated on each of its lines.
ORDER_TOTAL: Names = (
    _joined("order invoice basket cart", "amount total value revenue sum totalamount")
    | _joined("total", "order invoice basket commande pedido ordine")
    | _joined("grand", "total")
    | frozenset({"bestellwert", "bestellsumme", "rechnungsbetrag", "rechnungssumme", "auftragswert", "totaldelpedido"})
    | frozenset({"montantcommande", "totaldelacommande", "importopedido", "totaleordine", "totaalorder", "orderbedrag"})
)
AMOUNT: Names = (
    _joined("amount sales revenue total spend spent paid turnover value payment subtotal extendedprice")
    | ORDER_TOTAL
    | _joined("total", "amount price sales spend spent value revenue paid")
    | _joined("net gross line payment", "amount sales revenue value total")
    | _joined("purchase transaction sale sales", "amount total value revenue")
    | _joined("amount", "paid spent total")
    | _joined("price unitprice", "- x", "quantity qty")
    | _joined("quantity qty", "- x", "price unitprice")
    | _joined("preis einzelpreis", "- x", "menge anzahl")
    | _joined("menge anzahl", "- x", "preis einzelpreis")
    | _joined("betrag umsatz summe gesamtbetrag gesamtsumme gesamtpreis endbetrag warenwert preisgesamt erlos", "-")
    | _joined("netto brutto zeilen positions", "betrag umsatz summe preis wert")
    | _joined("betrag summe umsatz", "netto brutto")
    | _joined("montant total prixtotal ca chiffredaffaires", "- ttc ht total paye regle")
    | _joined("importe monto total venta ventas valor preciototal", "- total pagado neto bruto")
    | _joined("importo totale vendite fatturato valore prezzototale", "- totale pagato netto lordo")
    | _joined("bedrag totaal omzet totaalbedrag totaalprijs", "- totaal inclbtw exclbtw betaald")
)
QUANTITY: Names = _joined(
    "quantity qty count pcs noofitems numberofitems itemcount units pieces items orderquantity orderqty "
    "itemquantity lineitemquantity quantityordered "
    "menge anzahl stuck stuckzahl quantite qte cantidad cant unidades quantita qta pezzi aantal hoeveelheid "
    "stuks"
)
UNIT_PRICE: Names = (
    _joined("unit item lineitem piece", "price")
    | frozenset({"priceperunit", "priceeach", "pricepaid", "saleprice", "sellingprice", "itemcost", "unitcost"})
    | frozenset({"einzelpreis", "stuckpreis", "verkaufspreis", "prixunitaire", "pu", "preciounitario", "preciounidad"})
    | frozenset({"prezzounitario", "stukprijs", "eenheidsprijs", "preisprostuck"})
)
PRICE: Names = UNIT_PRICE | frozenset({"price", "preis", "prix", "precio", "prezzo", "prijs"})
ORDER: Names = (
    _joined("order invoice receipt basket transaction trans txn purchase ticket sale", _N)
    | _joined("order invoice receipt basket ticket", "-")
    | _joined("bestell bestellungs auftrags rechnungs beleg bon vorgangs", "nummer nr id")
    | _joined("bestel order factuur bon", "nummer nr id")
    | frozenset({"bestellung", "auftrag", "rechnung", "beleg", "bestelling", "factuur"})
    | _joined(f"{_ROMANCE_NUMBER} n", "- de dela du del", "commande facture pedido factura ordine fattura scontrino")
    | frozenset({"commande", "facture", "pedido", "factura", "ordine", "fattura", "scontrino"})
)
DISCOUNT: Names = _joined("- order line item total", "discount discounts discountamount") | _joined(
    "rabatt nachlass remise reduction descuento sconto korting coupondiscount"
)
STATUS: Names = (
    _joined("- order payment financial invoice transaction bestell auftrags zahlungs", "status")
    | frozenset({"state", "orderstate", "statut", "statutcommande", "estado", "estadopedido", "stato", "statoordine"})
    | frozenset({"cancelled", "canceled", "iscancelled", "iscanceled", "refunded", "isrefunded", "test", "istest"})
    | frozenset({"testorder", "istestorder", "storno", "storniert", "annule", "cancelado", "annullato", "geannuleerd"})
)
# What a status says of an order that is no purchase, or none that stands.
NOT_BOUGHT: Names = _joined(
    "cancelled canceled cancellation voided void refunded refund failed declined denied expired pending unpaid "
    "pendingpayment awaitingpayment onhold draft test abandoned closed chargeback true yes 1 storniert storno "
    "abgebrochen erstattet unbezahlt offen ausstehend fehlgeschlagen entwurf annule annulee rembourse "
    "remboursee echoue impaye enattente cancelado cancelada reembolsado fallido pendiente annullato annullata "
    "rimborsato fallito inattesa geannuleerd terugbetaald mislukt openstaand"
)
# Of the values above those that count only in a column of yes and no, such as "cancelled".
YES: Names = frozenset({"true", "yes", "1"})


def plain(name: object) -> str:
    """A name in small letters and digits, without accents and without a currency at its end.

    Examples
    --------
    >>> plain("Kunden-Nr."), plain("Stückpreis"), plain("Total (EUR)"), plain("Größe")
    ('kundennr', 'stuckpreis', 'total', 'grosse')
    """
    text = unicodedata.normalize("NFKD", str(name).lower().replace("ß", "ss"))
    words = re.sub(rf"[\W_]+\(?({_CURRENCIES})\)?\s*$", "", text)
    letters = "".join(sign for sign in words if sign.isalnum())
    return re.sub("(?<=[aou])e(?=ufer|uck|os)", "", letters)  # Kaeufer, Stueck, Erloes


def hits(names: Names, available: Sequence[str]) -> list[str]:
    """The columns whose names are among these.

    Examples
    --------
    >>> hits(ORDER, ["Invoice", "StockCode", "N° commande"])
    ['Invoice', 'N° commande']
    """
    return [name for name in available if plain(name) in names]


def first_hits(tiers: Sequence[Names], available: Sequence[str]) -> list[str]:
    """The columns in the first tier that has any.

    Examples
    --------
    >>> first_hits(CUSTOMER, ["email", "Kundennummer"])
    ['Kundennummer']
    """
    return next((found for names in tiers if (found := hits(names, available))), [])
