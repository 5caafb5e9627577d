"""Lines of text with separators: CSV and its kin, whatever the separator, the encoding and the ending of the name.

Nothing is decided by a sample. The separator is one of those in the first line; if several are, the one that gives
every line of the file the same number of columns, and of those that do the one that gives most. Every column is read as
text (see `text_columns`); a line with too few or too many of them is an error that names it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from clvmodels.errors import DataError
from clvmodels.transactions.log.encodings import Text, scan, write_plain
from clvmodels.transactions.log.engine import connect, escape_pattern, literal, scratch_folder
from clvmodels.transactions.log.source import MOST_TITLES, below
from clvmodels.transactions.log.text_columns import Reading, TextSource

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)  # what Excel writes for itself


@dataclass(frozen=True)
class Dialect:
    """How the lines of a file are written.

    Attributes
    ----------
    separator : str
        Between the columns; a space stands for any number of spaces.
    names : tuple of str
        The columns.
    skip : int
        Lines before the first one with data.
    escape : str
        What stands before a quote inside of quotes.
    titles : tuple of str
        What the lines above the names of the columns say.
    """

    separator: str
    names: tuple[str, ...]
    skip: int
    escape: str = '"'
    titles: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The separator in words, if it is no comma, and what stands above the names of the columns."""
        separated = f"columns separated by {_SEPARATORS.get(self.separator, 'spaces')}"
        return (*([] if self.separator == "," else [separated]), *below(self.titles))


def open_text(path: str, header: bool) -> TextSource:
    """A file of lines as a source of text columns.

    Raises
    ------
    DataError
        It can't be read as it is; the message says why, and in which line.
    """
    text = scan(path)
    dialect = _dialect(text, header)
    notes = (*([text.note] if text.note else []), *dialect.notes)
    return TextSource(
        path, dialect.names, text.size, notes, lambda folder, _: _reading(text, dialect, folder), _explain(path)
    )


def _reading(text: Text, dialect: Dialect, folder: Path) -> Reading:
    """How DuckDB reads the file; what is in another encoding is written to the folder in UTF-8 first."""
    source, compression, separator = text.path, text.compression, dialect.separator
    if not text.is_plain or separator == " ":
        plain = folder / f"{len(list(folder.iterdir()))}.csv"
        write_plain(text, plain, spaces_to_tabs=separator == " ")
        source, compression, separator = str(plain), None, "\t" if separator == " " else separator
    columns = {name: f"c{place}" for place, name in enumerate(dialect.names)}
    types = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(dialect.names)))
    reader = (
        f"read_csv({literal(escape_pattern(source))}, columns = {{{types}}}, delim = {literal(separator)}, "
        f"quote = '\"', escape = {literal(dialect.escape)}, header = false, skip = {dialect.skip}, "
        f"compression = '{compression or 'none'}', auto_detect = false, strict_mode = true, null_padding = false)"
    )
    return Reading(reader, columns)


def _dialect(text: Text, header: bool) -> Dialect:
    """How a file is written.

    Raises
    ------
    DataError
        It has one column only, or several ways to read it are as good as one another.
    """
    state = Path(text.path).stat()
    return _decide(text, header, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _decide(text: Text, header: bool, *_: int) -> Dialect:
    start, skip = text.start, 0
    forced = _SEPARATOR_LINE.match(start)
    if forced:
        start, skip = start[forced.end() :], 1
    blank = re.match(r"\s*[\r\n]", start)
    if blank:  # DuckDB counts empty lines before the first one as lines
        skip += len(re.findall(r"\r\n|\n|\r", blank[0]))
        start = start[blank.end() :]
    if not start.strip():
        raise DataError(f"{text.path} is empty.")
    titles = () if forced or not header else _titles(start)
    if titles:
        skip += len(titles)
        start = "".join(start.splitlines(keepends=True)[len(titles) :])
    candidates = [forced[1]] if forced else [sign for sign in _SEPARATORS if sign in start.splitlines()[0]]
    ways = [_first_line(start, sign, header, skip, text.path) for sign in candidates]
    ways = [way for way in ways if len(way.names) > 1]
    if not ways:
        ways = [_by_spaces(text, start, header, skip)]
    if len(ways) > 1 or text.has_escapes:
        ways = _fitting(text, ways)
    return replace(ways[0], titles=tuple(title for title in titles if title))


def _titles(start: str) -> tuple[str, ...]:
    """The lines above the names of the columns: such that have one cell, where the lines below have more.

    Not those of a file whose columns are separated by spaces, and whose amounts have a decimal comma.
    """
    lines = start.splitlines()[:MOST_TITLES]
    first = next((place for place, line in enumerate(lines) if _has_cells(line)), 0)
    below = [line for line in lines[first:] if line.strip()]
    widths = {len(line.split()) for line in [lines[0], *below[:-1]]}
    if first == 0 or len(below) < 2 or (len(widths) == 1 and widths != {1}):
        return ()
    return tuple(line.strip("".join(_SEPARATORS) + " ") for line in lines[:first])


def _has_cells(line: str) -> bool:
    """Whether there is something on both sides of a separator."""
    return any(sum(bool(cell.strip()) for cell in line.split(sign)) > 1 for sign in _SEPARATORS)


def _first_line(start: str, separator: str, header: bool, skip: int, path: str) -> Dialect:
    """The columns as the first line has them."""
    lines = io.StringIO(start, newline="")
    try:
        cells = next(csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t"))
    except (csv.Error, StopIteration):
        raise DataError(f"{path}: the first line can't be split into columns.") from None
    if not header:
        return Dialect(separator, tuple(str(place) for place in range(1, len(cells) + 1)), skip)
    return Dialect(separator, tuple(cell.strip() for cell in cells), skip + 1)


def _by_spaces(text: Text, start: str, header: bool, skip: int) -> Dialect:
    """Columns between which there are spaces only, as in the file of CDNOW as it was published."""
    cells = start.splitlines()[0].split()
    if len(cells) < 2 or '"' in text.start:
        raise DataError(
            f"{text.path} has one column only: {start.splitlines()[0].strip()[:80]!r}. Columns must be separated by "
            "commas, semicolons, tabs or vertical bars."
        )
    names = tuple(cells) if header else tuple(str(place) for place in range(1, len(cells) + 1))
    return Dialect(" ", names, skip + header)


def _fitting(text: Text, ways: Sequence[Dialect]) -> list[Dialect]:
    """The way to read a file that fits each of its lines."""
    escapes = ('"', "\\") if text.has_escapes else ('"',)
    every = [[replace(way, escape=escape) for escape in escapes] for way in ways]
    fitting = [one for several in every for one in [way for way in several if _fits(text, way)][:1]]
    if not fitting:  # the error of the likeliest says which line is wrong
        return [max(ways, key=lambda way: len(way.names))]
    most = max(len(way.names) for way in fitting)
    fitting = [way for way in fitting if len(way.names) == most]
    if len(fitting) > 1:
        signs = " or by ".join(_SEPARATORS[way.separator] for way in fitting)
        raise DataError(
            f"{text.path} can be read in several ways: its columns may be separated by {signs}. Save it with another "
            "separator, or put what holds one of them into quotes."
        )
    return fitting


def _fits(text: Text, dialect: Dialect) -> bool:
    """Whether every line of the file has the columns of its first one."""
    import duckdb

    with scratch_folder() as folder:
        try:
            connect().sql(f"SELECT count(*) FROM {_reading(text, dialect, folder).source}").fetchall()
        except duckdb.Error:
            return False
    return True


def _explain(path: str) -> Callable[[Exception], DataError]:
    return lambda error: _wrong_line(path, str(error))


def _wrong_line(path: str, message: str) -> DataError:
    """What DuckDB has against a line, in a sentence."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    where = f"{path}, line {int(line[1]):,}" if line else path
    shown = re.search(r"Original Line: ?(.*)", message)
    content = f": {shown[1][:80]!r}" if shown and shown[1].strip() else ""
    columns = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if columns:
        return DataError(
            f"{where}, has {columns[2]} columns where the first line has {columns[1]}{content}. Mend the line; a value "
            "that holds the separator must stand in quotes."
        )
    if "unterminated quote" in message or "invalid state" in message:
        return DataError(
            f"{where}, has a quote that is not closed, or text behind one{content}. Mend the line; a quote inside of "
            "quotes is written twice."
        )
    if "Maximum line size" in message:
        return DataError(f"{where}, is longer than 2 MB; perhaps a quote before it is not closed.")
    return DataError(f"{where} can't be read: {message.splitlines()[0]}")
