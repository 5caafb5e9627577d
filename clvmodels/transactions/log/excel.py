"""Sheets of Excel workbooks, read by fastexcel (calamine): each cell as text, amounts as the numbers that they are.

Excel has no whole numbers: 7.0 in a cell is 7.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from clvmodels.errors import ArgumentError, DataError
from clvmodels.transactions.log.encodings import compression_of, open_bytes
from clvmodels.transactions.log.source import MOST_TITLES, Wanted, below
from clvmodels.transactions.log.text_columns import Reading, TextSource

_TABLE = "sheet"


def open_excel(path: str, header: bool, sheet: str | None) -> TextSource:
    """A sheet of a workbook as a source of text columns.

    Raises
    ------
    ArgumentError
        fastexcel is not installed; or there is no such sheet, or there are several and none was named.
    DataError
        The file is no workbook, or the sheet is empty.
    """
    workbook = _workbook(path, Path(path).stat().st_mtime_ns)
    name = _chosen(workbook, path, sheet)
    cells = _cells(workbook, name)
    above = next((row for row in range(cells.num_rows) if _filled(cells, row)), None)
    if above is None:
        raise DataError(f"{path}: sheet {name!r} is empty.")
    looked = range(above, min(above + MOST_TITLES, cells.num_rows)) if header else ()
    first = next((row for row in looked if len(_filled(cells, row)) > 1), above)
    heads = [column[first].as_py() for column in cells.columns]
    names = tuple((str(head).strip() if head else f"column {place}") for place, head in enumerate(heads, 1))
    if not header:
        names = tuple(str(place) for place in range(1, len(heads) + 1))
    start = first + header

    def reading(_: Path, wanted: Wanted) -> Reading:
        import pyarrow as pa

        arrays = {f"c{place}": column.slice(start) for place, column in enumerate(cells.columns)}
        columns = {name: f"c{place}" for place, name in enumerate(names)}
        typed = set()
        for name_ in wanted.numbers:
            place = names.index(name_)
            numbers = _numbers(workbook, name, start, place)
            if numbers is not None:
                arrays[f"n{place}"], columns[name_] = numbers, f"n{place}"
                typed.add(name_)
        return Reading(_TABLE, columns, frozenset(typed), [{_TABLE: pa.table(arrays)}])

    of_sheet = [f"sheet {name!r}"] if len(workbook.sheet_names) > 1 else []
    notes = (*of_sheet, *below([text for row in range(above, first) for text in _filled(cells, row)]))
    size = sum(column.nbytes for column in cells.columns)
    return TextSource(path, names, size, notes, reading, lambda e: DataError(f"{path} can't be read: {e}"))


@lru_cache(maxsize=4)
def _workbook(path: str, _: int) -> Any:
    try:
        import fastexcel
    except ImportError:
        raise ArgumentError(
            "Excel files are read by the package fastexcel: pip install 'clvmodels[excel]'. Or save the sheet as CSV."
        ) from None
    with open_bytes(path, compression_of(path)) as stream:
        content = stream.read()
    try:
        return fastexcel.read_excel(content)
    except fastexcel.FastExcelError as error:
        raise DataError(f"{path} can't be read as an Excel workbook: {str(error).splitlines()[0]}.") from None


def _chosen(workbook: Any, path: str, sheet: str | None) -> str:
    """The name of the sheet: the one that was given, or the only one with cells."""
    names = list(workbook.sheet_names)
    if sheet is not None:
        if sheet not in names:
            raise ArgumentError(f"{path} has no sheet {sheet!r}. Its sheets: {', '.join(names)}.")
        return sheet
    filled = [name for name in names if _cells(workbook, name).num_rows] if len(names) > 1 else names
    if len(filled) > 1:
        raise ArgumentError(f"{path} has {len(filled)} sheets: {', '.join(filled)}. Pass sheet=, the name of one.")
    return str((filled or names)[0])


def _cells(workbook: Any, name: str) -> Any:
    """Every cell of a sheet as text, without a header."""
    return workbook.load_sheet(name, header_row=None, dtypes="string").to_arrow()


def _filled(cells: Any, row: int) -> list[str]:
    """What stands in the cells of a row that are not empty."""
    texts = (column[row].as_py() for column in cells.columns)
    return [text.strip() for text in texts if text and text.strip()]


def _numbers(workbook: Any, name: str, start: int, place: int) -> Any:
    """The numbers of a column with every digit (as text they have nine behind the point); None if it holds text too."""
    import fastexcel
    import pyarrow as pa

    try:
        sheet = workbook.load_sheet(
            name, header_row=None, skip_rows=start, use_columns=[place], schema_sample_rows=None
        )
    except fastexcel.FastExcelError:  # numbers mixed with something else
        return None
    column = sheet.to_arrow().column(0)
    return column.cast(pa.float64()) if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) else None
