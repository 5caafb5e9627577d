"""A transaction log and how to read it, bound once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypedDict, Unpack

from clvmodels.arguments import finite, instance, shortly
from clvmodels.errors import ArgumentError
from clvmodels.passwords import without_passwords
from clvmodels.signatures import check_fields

type Amount = str | Sequence[str] | None

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_REFUNDS = ("net", "drop", "error")


class LogKeywords(TypedDict, total=False):
    """The keywords of a log that every public function takes which reads one, see `Log`."""

    customer: str | None
    date: str | None
    amount: Amount
    order: str | None
    refunds: str
    timezone: str | None
    currency: str | None
    rates: Mapping[str, float] | None
    skip: str | Sequence[str] | None
    amount_per: str | None
    header: bool
    sheet: str | None
    query: str | None
    date_format: str | None
    unreadable_dates: float
    decimal: str | None
    duplicates: str


@dataclass(frozen=True, eq=False, repr=False)
class Log:
    """A transaction log and how to read it: columns, refunds, time zone and currency.

    Every function that takes a log with these keywords takes a `Log` instead of both.

    Parameters
    ----------
    data : frame, path or list of paths
        pandas, polars or PyArrow frame, DuckDB relation, Ibis table, PySpark DataFrame or anything else that gives an
        Arrow stream; a database with a ``query``; or the path or glob (or a
        list of them) of files: text (.csv, .tsv, .txt), Excel (.xlsx), JSON (.json, .ndjson), Parquet, Feather or
        Arrow, each of them also compressed (.gz, .zst). Several files are joined by the names of their columns. What
        is computed of it is computed where the data are. Text is UTF-8, UTF-16 with its byte order mark or, where a
        file is not UTF-8, Windows-1252 (which has all of Latin-1); its columns are separated by commas, semicolons,
        tabs, vertical bars or spaces, whichever fits every line.
    customer : str, optional
        Column with the customer's id. If it or ``date`` is not given, it is guessed from the names of the columns, and
        so is every other one that is not given; `Customers.report` says what was guessed, and a guess that is not plain
        is an error that names the candidates. Lines without a customer are left out and counted. Ids are equal if they
        are the same text or number; in text files, JSON and Excel they are text without the spaces around it, or whole
        numbers if all are written as such, without leading zeros.
    date : str, optional
        Column with the day or time of the purchase: dates, timestamps, text in any common form, or numbers such as
        19970131 or seconds since 1970. Lines without a date are left out and counted.
    amount : str or sequence of str, optional
        Column with the value of a line, numbers or text such as "$1,234.50"; several columns mean their product:
        ``("Quantity", "Price")`` or ``"Quantity * Price"``; ``"Total - Refunded"`` takes the second column off, where
        it has a value. Without it (or with "none") there is no monetary value.
    order : str, optional
        Column with the order number, if a line is only a part of an order. An order lies on the day of its first
        line. "none": each line is an order.
    refunds : {"net", "drop", "error"}, default "net"
        What a negative order (or line, if no ``order`` is given) means. "net": it is set against the purchases of its
        day, then against those of the customer's days before, the latest first; a day of which nothing is left is no
        purchase day. "drop": it is left out. "error": it is an error. All are counted in the report.
    timezone : str, optional
        Time zone of the calendar day, such as "Europe/Berlin", for times that know theirs. By default the column's own;
        of text the day as it is written, of numbers since 1970 that of UTC. Times without a zone are taken as they are.
    currency : str, optional
        Label of the amounts, for tables and plots; or the column with the currency of each line, which must be one.
        ``"Currency=EUR"``, a column and one of its currencies: lines in another one are left out and counted, or
        converted by ``rates``.
    rates : mapping of str to float, optional
        What one unit of each currency is worth in that of the result: ``{"EUR": 1, "USD": 0.92}`` brings amounts to
        EUR, the one that is worth 1 (or the one that ``currency`` names). The currency of each line stands in the
        column that ``currency`` names; without it the column is found: by its name in files of text, else also by the
        codes in it. A line whose currency has no rate is an error.
    skip : str or sequence of str, optional
        Lines that are no purchases: ``"status=cancelled,refunded"``, one text a column, in small or capital letters;
        ``"Cancelled at=*"`` is every line with a value. They are left out and counted.
    amount_per : {"line", "order"}, optional
        "order": the amount is the total of the order, which stands on one of its lines or on all of them, and counts
        once; a line that is to be skipped then takes its order along. Default: "line".
    header : bool, default True
        Whether the first line of a text file, or the first row of a sheet, has the names of the columns. Without it
        columns are named by their place: ``customer=1`` (or ``"1"``) is the first.
    sheet : str, optional
        Name of the sheet of an Excel workbook. Default: the only one that is not empty.
    query : str, optional
        A SELECT, or the name of a table, for data that are a database: an address such as
        ``"postgresql://ann@shop.example/db"``, a connection, or a SQLite or DuckDB file (which needs none if it has
        only one table). Its rows are streamed; DuckDB, Ibis and Spark summarize where the data are.
    date_format : str, optional
        How dates that are text are written: "day first" or "month first", for those such as 02/01/2005; or a form in
        the letters of strptime, such as "%d.%m.%Y %H:%M". By default all lines together tell; if none of them does, it
        has to be given.
    unreadable_dates : float, default 0.001
        Share of the lines whose date may be unreadable: as long as there are no more, they are left out, counted and
        shown in the report; more are an error.
    decimal : {".", ","}, optional
        Decimal sign of amounts that are text. By default all lines together tell; if none of them does, as in "1,234",
        it has to be given.
    duplicates : {"keep", "drop"}, default "keep"
        What to do with lines that are exact copies of another one, in every column of the log. They are counted in the
        report; "drop" leaves them out, which needs ``order``.

    Raises
    ------
    ArgumentError
        An argument has a value that has no meaning.

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.Log(clv.datasets.path("cdnow_sample"), customer="customer_id", date="date", amount="amount")
    >>> clv.summarize(log, unit="week", observation_end="1997-09-30")
    2,357 customers, in weeks until 1997-09-30: 60% bought once, median frequency 0
    ...
    >>> clv.holdout_split(log, calibration_end="1997-09-30").new_customers
    0
    """

    data: Any
    customer: str | None = None
    date: str | None = None
    amount: Amount = None
    order: str | None = None
    refunds: str = "net"
    timezone: str | None = None
    currency: str | None = None
    rates: Mapping[str, float] | None = None
    skip: str | Sequence[str] | None = None
    amount_per: str | None = None
    header: bool = True
    sheet: str | None = None
    query: str | None = None
    date_format: str | None = None
    unreadable_dates: float = 0.001
    decimal: str | None = None
    duplicates: str = "keep"

    def __post_init__(self) -> None:
        if self.header is False:
            for role in ("customer", "date", "amount", "order", "currency"):
                object.__setattr__(self, role, _by_place(getattr(self, role)))
        check_fields(self)
        _check_amount(self.amount)
        if self.refunds not in _REFUNDS:
            raise ArgumentError(f'refunds must be "net", "drop" or "error", not {self.refunds!r}.')
        if self.duplicates not in ("keep", "drop"):
            raise ArgumentError(f'duplicates must be "keep" or "drop", not {self.duplicates!r}.')
        if self.decimal not in (None, ".", ","):
            raise ArgumentError(f'decimal must be "." or ",", not {self.decimal!r}.')
        if not (isinstance(self.unreadable_dates, int | float) and 0 <= self.unreadable_dates < 1):
            raise ArgumentError(
                f"unreadable_dates must be a share from 0 to below 1, such as 0.001, not {self.unreadable_dates!r}."
            )
        if self.date_format not in (None, DAY_FIRST, MONTH_FIRST) and "%" not in str(self.date_format):
            raise ArgumentError(
                f'date_format={self.date_format!r} is not known. Pass date_format="{DAY_FIRST}", '
                f'date_format="{MONTH_FIRST}", or a form such as date_format="%d.%m.%Y %H:%M", where %d is the day, %m '
                "the month and %Y the year."
            )
        if self.amount_per not in (None, "line", "order"):
            raise ArgumentError(f'amount_per must be "line" or "order", not {self.amount_per!r}.')
        if self.amount_per == "order" and self.customer is not None and self.order is None:
            raise ArgumentError('amount_per="order" needs order=, the column with the order number.')
        if self.rates is not None:
            _check_rates(self.rates)
            object.__setattr__(self, "rates", dict(self.rates))

    @classmethod
    def of(cls, data: Any, /, **columns: Unpack[LogKeywords]) -> Log:
        """The log that a public function was called with: a `Log` as it is, or data and keywords bound into one.

        Parameters
        ----------
        data : frame, path, list of paths or Log
            The log.
        **columns
            Keywords of `Log`, for data that are none yet.

        Returns
        -------
        Log
            The log, bound.

        Raises
        ------
        ArgumentError
            A `Log` was given, and keywords that it has already.

        Examples
        --------
        >>> Log.of("log.csv", customer="id", date="day")
        Log('log.csv', customer='id', date='day')
        """
        if not isinstance(data, Log):
            return cls(data, **columns)
        if columns:
            raise ArgumentError(
                f"The Log says already how it is read; {', '.join(f'{name}=' for name in columns)} can't be given "
                "again. Make another Log, for example with dataclasses.replace(log, ...)."
            )
        return data

    @property
    def has_amounts(self) -> bool:
        """Whether there is a column with amounts."""
        return bool(self.amount)

    def __repr__(self) -> str:
        small = self.data is None or isinstance(self.data, str | list | tuple)
        data = without_passwords(repr(self.data)) if small else f"<{type(self.data).__name__}>"
        changed = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(Log)
            if field.name != "data" and getattr(self, field.name) != field.default
        ]
        return f"Log({', '.join([data, *changed])})"


def _check_rates(rates: Any) -> None:
    """Raise unless these are currencies, each once, with what one unit is worth."""
    instance("rates", rates, Mapping, 'currencies with what one unit is worth, such as {"EUR": 1, "USD": 0.92}')
    codes = [str(code).strip().upper() for code in rates]
    if not codes or "" in codes or len(set(codes)) < len(codes):
        raise ArgumentError(f"rates must name one currency or more, each once, not {shortly(dict(rates))}.")
    for code, rate in rates.items():
        finite(f"rates of {code}", rate, "a number above 0", least=sys.float_info.min)


def _check_amount(amount: Any) -> None:
    several = isinstance(amount, Sequence) and all(isinstance(one, str) for one in amount)
    if amount is not None and not several:
        raise ArgumentError(f"amount must be a column, or columns that are multiplied, not {shortly(amount)}.")


def _by_place(column: Any) -> Any:
    """A column, or several, by their places as the names that they have without a header."""
    if isinstance(column, int):
        return str(column)
    return tuple(map(str, column)) if isinstance(column, list | tuple) else column
