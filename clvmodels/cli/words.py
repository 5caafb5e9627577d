"""Sentences of the package in the words of the shell: options rather than arguments, and nothing of Python."""

from __future__ import annotations

import re

from clvmodels.formats import without_python

# Messages of the package name arguments of Python; on the command line these are options.
_SAME_NAME = "customer|date|amount|order|unit|observation_end|calibration_end|refunds|timezone|currency|horizon|margin"
_SAME_NAME += "|cost_per_purchase|retention_cost_per_year|title|top|format|output|skip|amount_per|interval|by|sheet"
_SAME_NAME += "|date_format|decimal|unreadable_dates|duplicates|rates|query|unknown|self_referrals|share_incremental"
_SAME_NAME += "|acquisition_cost|reward|rho|dialect|keep|late|open_days|level|tolerance|memory"
_OPTIONS = {name: f"--{name.replace('_', '-')}" for name in _SAME_NAME.split("|")} | {
    "annual_discount_rate": "--discount-rate",
    "model": "--purchase-model",
    "models": "--purchase-model",
    "spend": "--spend-model",
}
# "amount" may be a word, "amount=" is an argument; names with an underscore are no words.
_NAMES, _LONG_NAMES = "|".join(_OPTIONS), "|".join(name for name in _OPTIONS if "_" in name)
_ARGUMENT = re.compile(rf"\b({_NAMES})=(?:'([\w.@-]+)')?|\b({_LONG_NAMES})\b")

_TYPES = {
    "Boolean": "yes and no", "String": "text", "List": "lists", "Array": "lists", "Struct": "records",
    "Int": "whole numbers", "UInt": "whole numbers", "Float": "numbers with fractions", "Decimal": "numbers",
    "Datetime": "times", "Date": "dates", "Time": "times of day", "Duration": "lengths of time", "Binary": "bytes",
}  # fmt: skip
_HOLDS = re.compile(r"\bholds ([A-Z][a-zA-Z]+)\d*(?:\([^)]*\))*(?=[,.;])")
_REPLACED = (
    (re.compile(r"\bheader=False\b"), "--no-header"),
    (re.compile(r"\[((?:'[^']*'(?:, )?)+)\]"), r"\1"),  # a list of names
    (re.compile(r"\b(?:[A-Z]\w+ )+Error: "), ""),  # what DuckDB calls an error
    (re.compile(r"missing, NaN or infinite"), "missing or infinite"),
    (re.compile(r"(?<=: )None(?=[.;])"), "nothing"),
    # what typer says of a value
    (re.compile(r"Value error, "), ""),
    (re.compile(r"Input should be a valid integer, .*"), "It must be a whole number."),
    (re.compile(r"Input should be a valid number, .*"), "It must be a number."),
    (re.compile(r"Input should be greater than or equal to (\S+)"), r"It must be \1 or more."),
)


def in_shell_words(sentence: str) -> str:
    """A sentence of the package for somebody at a shell.

    Examples
    --------
    >>> in_shell_words("Column 'paid' holds Float64, not dates. Pass date='day'.")
    "Column 'paid' holds numbers with fractions, not dates. Pass --date day."
    """
    sentence = _HOLDS.sub(lambda match: f"holds {_TYPES.get(match[1], 'values')}", without_python(sentence))
    for pattern, words in _REPLACED:
        sentence = pattern.sub(words, sentence)
    return in_options(sentence)


def in_options(sentence: str) -> str:
    """A sentence with options in the place of arguments.

    Examples
    --------
    >>> in_options('Pass refunds="net", or observation_end=.')
    'Pass --refunds "net", or --observation-end.'
    >>> in_options("Pass customer='cust_id' or customer='Customer ID'.")
    "Pass --customer cust_id or --customer 'Customer ID'."
    >>> in_options("calibration_end 1999-01-01 lies after the last day.")
    '--calibration-end 1999-01-01 lies after the last day.'
    """

    def option(match: re.Match[str]) -> str:
        follows = match.string[match.end() : match.end() + 1]
        value = match[2] or ""
        has_value = match[1] and (value or follows.isalnum() or follows in {'"', "'"})
        return _OPTIONS[match[1] or match[3]] + (" " if has_value else "") + value

    return _ARGUMENT.sub(option, sentence)
