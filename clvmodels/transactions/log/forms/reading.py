"""How a log was read: the forms of its dates and amounts, as they were given or found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from clvmodels.transactions.log.columns.currencies import Money
from clvmodels.transactions.log.log import Log


@dataclass(frozen=True)
class Reading:
    """How dates and amounts of a log were read.

    Passed to another log as ``date_format=``, ``decimal=`` and ``timezone=``, it has that log read in the same way.

    Attributes
    ----------
    date_forms : tuple of str
        Forms of dates that are text or numbers, each by an example or name, the most frequent first; empty for
        columns of dates.
    date_format : str or None
        "day first", "month first" or a form such as "%d.%m.%Y": what was given, or what the lines told; None if it was
        clear in every date.
    decimal : str or None
        "." or ",", the decimal sign of amounts that are text; None for columns of numbers.
    timezone : str or None
        Zone of the calendar day, if it was given.
    zones : tuple of str
        Offsets from UTC that stand with the times, or letters such as EST.
    currencies : tuple of str
        Signs or codes of currencies that stand with the amounts.
    money : Money
        In which currency they are, and what was done for it.
    """

    date_forms: tuple[str, ...] = ()
    date_format: str | None = None
    decimal: str | None = None
    timezone: str | None = None
    zones: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    money: Money = field(default_factory=Money)

    def noted(self, log: Log) -> Log:
        """The log with what its lines told, so that another one can be read in the same way."""
        return replace(log, date_format=self.date_format or log.date_format, decimal=self.decimal or log.decimal)

    def sentences(self) -> list[str]:
        """What was decided, in words; nothing where nothing had to be.

        Returns
        -------
        list of str
            One sentence for each decision.

        Examples
        --------
        >>> Reading(date_forms=("31/12/2005",), date_format="day first").sentences()
        ['Dates are read with the day first: 31/12/2005.']
        """
        found = (self._dates(), self._years(), self._zones(), self._decimal(), *self.money.sentences())
        return [sentence for sentence in found if sentence]

    def _dates(self) -> str:
        if self.date_format is None:
            return ""
        if "%" in self.date_format:
            return f"Dates are read as {self.date_format}."
        shown = [form for form in self.date_forms if form.startswith("31")]
        if self.date_format == "month first":
            shown = [form.replace("31", "12", 1).replace("12", "31", 2).replace("31", "12", 1) for form in shown]
        return f"Dates are read with the {self.date_format}{': ' if shown else ''}{', '.join(shown)}."

    def _years(self) -> str:
        short = any(form.endswith(("/05", ".05", " 05")) for form in self.date_forms)
        return "Years of two digits lie from 1969 to 2068." if short else ""

    def _zones(self) -> str:
        since_1970 = [form for form in self.date_forms if form.endswith("since 1970")]
        if not self.zones and not since_1970:
            return ""
        written = f"Times know their zone ({', '.join(self.zones[:5])})" if self.zones else f"Times are {since_1970[0]}"
        if self.timezone is not None:
            return f"{written}; days are those of {self.timezone}."
        days = f"{written}; days are those {'that are written' if self.zones else 'of UTC'}."
        in_letters = any(re.fullmatch("(?!UTC|GMT)[A-Z]{3,5}", zone) for zone in self.zones)
        return days if in_letters else f"{days} For others pass timezone=."

    def _decimal(self) -> str:
        return "Amounts have a decimal comma." if self.decimal == "," else ""
