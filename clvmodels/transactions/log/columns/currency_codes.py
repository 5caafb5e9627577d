"""Currencies as they are written: codes of ISO 4217, signs, short names."""

from __future__ import annotations

from collections.abc import Sequence

SIGNS = "$€£¥¢₹₽₩₺₫₪₴₦₱฿₡₲₵₸₼₾₭₮﷼"

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP "
    "TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL DEM FRF ITL ESP ATS NLG "
    "BEF FIM "
)
CODES = tuple(_CODES.split())

_SHORT_NAMES = (
    "kr. kr Kr. Kr SFr. Fr. Rs. Rs zł zl Kč Ft lei lv. лв. лв руб. руб р. грн Euro euro eur usd gbp RM Rp TL S/ R "
)
SHORT_NAMES = tuple(_SHORT_NAMES.split())


def in_words(found: Sequence[tuple[str, int]]) -> str:
    """Currencies and their lines.

    Examples
    --------
    >>> in_words([("EUR", 1200), ("USD", 1)])
    'EUR in 1,200 lines, USD in 1'
    """
    first, *others = found[:5]
    more = [f"{code} in {number:,}" for code, number in others]
    return ", ".join([f"{first[0]} in {first[1]:,} lines", *more, *(["…"] if len(found) > 5 else [])])
