"""What a file of text holds: its encoding, found over all of its bytes, its line ends, and whether it is text.

The encoding is that of the byte order mark, if there is one; UTF-8 if every byte is valid; otherwise Windows-1252,
which has all of Latin-1. A file that is UTF-8 in some lines and something else in others is refused: read as
Windows-1252, it would come in with names such as "MÃ¼ller".
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from clvmodels.errors import DataError

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}

_CHUNK = 2**20
_SNIPPET = 2**16  # bytes from which the first line is read
_MARKS = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FOREIGN = {
    b"PK\x03\x04": "an Excel workbook or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow or Feather file",
    b"\x1f\x8b": "compressed by gzip",
    b"\x28\xb5\x2f\xfd": "compressed by Zstandard",
    b"SQLite format 3\0": "a SQLite database",
}


@dataclass(frozen=True)
class Text:
    r"""A file of text.

    Attributes
    ----------
    path : str
        The file.
    compression : str or None
        "gzip", "zstd" or None.
    encoding : str
        Name of the encoding for Python's codecs.
    size : int
        Bytes, uncompressed.
    start : str
        The first lines.
    line_ends : frozenset of str
        Those that occur: "\n", "\r\n", "\r".
    has_escapes : bool
        Whether a quote stands after a backslash somewhere.
    last : str
        The last character that is no space.
    """

    path: str
    compression: str | None
    encoding: str
    size: int
    start: str
    line_ends: frozenset[str]
    has_escapes: bool
    last: str

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB can read the bytes as they are."""
        return self.encoding in ("utf-8", "utf-8-sig") and len(self.line_ends) < 2

    @property
    def note(self) -> str | None:
        """The encoding in words, if it is not UTF-8."""
        return None if self.encoding.startswith("utf-8") else self.encoding.upper().replace("CP1252", "Windows-1252")


def compression_of(path: str) -> str | None:
    """How a file is compressed, by its ending."""
    return COMPRESSIONS.get(os.path.splitext(path.lower())[1])


@contextmanager
def open_bytes(path: str, compression: str | None) -> Iterator[Any]:
    """The bytes of a file, uncompressed; a DataError if they can't be had."""
    import pyarrow as pa

    try:
        with pa.input_stream(path, compression=compression) as stream:
            yield stream
    except pa.ArrowException as error:
        raise DataError(f"{path} can't be read: {error}.") from None
    except OSError as error:
        if error.strerror is None:  # of Arrow: not compressed, or not to its end
            raise DataError(f"{path} is damaged, or was not copied to its end: {error}.") from None
        raise DataError(f"{path} can't be read: {error.strerror}.") from None


def scan(path: str) -> Text:
    """Look through a whole file of text.

    Raises
    ------
    DataError
        It is empty, no text, damaged, or in an encoding that is not known here; the message names the line.
    """
    state = os.stat(path)
    return _scan(path, state.st_size, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=64)
def _scan(path: str, *_: int) -> Text:
    compression = compression_of(path)
    with open_bytes(path, compression) as stream:
        start = stream.read(_SNIPPET)
    _check_kind(path, start)
    marked = _marked(start)
    wide = marked is not None and marked != "utf-8-sig"
    found = _Findings(path)
    for block in _as_utf8(path, compression, marked) if wide else _blocks(path, compression):
        found.add(block)
    encoding = marked or "utf-8"
    if found.wrong_line is not None:
        if marked:
            raise _mixed(path, found.wrong_line)
        encoding = "cp1252"
    shown = found.start if wide else start
    return Text(
        path,
        compression,
        encoding,
        found.size,
        shown.decode("utf-8" if wide else encoding, errors="ignore"),
        found.line_ends,
        found.has_escapes,
        found.last.decode("latin-1"),
    )


class _Findings:
    """What was found so far in a text, block by block, in which a letter of ASCII is one byte."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = self.line = self._returns = self._pairs = 0
        self.start = self.last = b""
        self.has_escapes = self._has_multibyte = False
        self.wrong_line: int | None = None

    def add(self, block: bytes) -> None:
        """Take the next block into account."""
        if 0 in block:
            raise DataError(f"{self.path} is no text: line {self._line_of(block, block.index(0)):,} holds a zero byte.")
        if not block.isascii():
            self._check_encoding(block)
        self.start += block[: max(0, _SNIPPET - len(self.start))]
        self.last = block.rstrip(b" \t\r\n")[-1:] or self.last
        self.has_escapes = self.has_escapes or b'\\"' in block
        self.size, self.line = self.size + len(block), self.line + block.count(b"\n")
        self._returns, self._pairs = self._returns + block.count(b"\r"), self._pairs + block.count(b"\r\n")

    @property
    def line_ends(self) -> frozenset[str]:
        """The line ends that occur."""
        numbers = {"\r\n": self._pairs, "\n": self.line - self._pairs, "\r": self._returns - self._pairs}
        return frozenset(end for end, number in numbers.items() if number)

    def _line_of(self, block: bytes, place: int) -> int:
        return self.line + 1 + block[:place].count(b"\n")

    def _check_encoding(self, block: bytes) -> None:
        try:
            block.decode("utf-8")
            self._has_multibyte = True
        except UnicodeDecodeError as error:
            self.wrong_line = self.wrong_line or self._line_of(block, error.start)
            self._has_multibyte = self._has_multibyte or _MULTIBYTE.search(block) is not None
        if self.wrong_line is None:
            return
        if self._has_multibyte:
            raise _mixed(self.path, self.wrong_line)
        try:
            block.decode("cp1252")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{self.path}: line {self._line_of(block, error.start):,} holds bytes that are neither UTF-8 nor "
                "Windows-1252. Save the file as UTF-8."
            ) from None


def _mixed(path: str, line: int) -> DataError:
    return DataError(
        f"{path}: line {line:,} is not UTF-8, as other lines are. Save the file in one encoding, best in UTF-8."
    )


def _check_kind(path: str, start: bytes) -> None:
    """Raise if the file is empty, or something else than its name says."""
    for mark, kind in _FOREIGN.items():
        if start.startswith(mark):
            raise DataError(f"{path} is no text: it is {kind}. Give it the ending of what it is.")
    if not start.strip(b" \t\r\n"):
        raise DataError(f"{path} is empty.")


def _marked(start: bytes) -> str | None:
    """The encoding by the byte order mark, or by the zeros of UTF-16 without one."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    even, odd = start[:200:2], start[1:200:2]
    if not even.count(0) and odd.count(0) > len(odd) / 2:
        return "utf-16-le"
    if not odd.count(0) and even.count(0) > len(even) / 2:
        return "utf-16-be"
    return None


def _blocks(path: str, compression: str | None) -> Iterator[bytes]:
    """The bytes in blocks that end with a line, as far as there are line feeds."""
    held: list[bytes] = []
    with open_bytes(path, compression) as stream:
        while chunk := stream.read(_CHUNK):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join([*held, chunk[:cut]])
                held = [chunk[cut:]]
            else:
                held.append(chunk)
    if any(held):
        yield b"".join(held)


def _as_utf8(path: str, compression: str | None, encoding: str | None) -> Iterator[bytes]:
    return (block.encode() for block in decoded_blocks(path, compression, str(encoding)))


def decoded_blocks(path: str, compression: str | None, encoding: str) -> Iterator[str]:
    """The text of a file in blocks; a pair of carriage return and line feed is never cut."""
    decoder = codecs.getincrementaldecoder(encoding)()
    held, line = "", 0
    with open_bytes(path, compression) as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                text = held + decoder.decode(chunk, final=not chunk)
            except UnicodeError:
                name = encoding.upper().replace("CP1252", "Windows-1252")
                raise DataError(f"{path} is not {name} after line {line + 1:,}, as it begins.") from None
            held = text[-1:] if chunk and text.endswith("\r") else ""
            text = text[: len(text) - len(held)]
            line += text.count("\n")
            if text:
                yield text
            if not chunk:
                return


def write_plain(text: Text, path: Path, spaces_to_tabs: bool = False) -> None:
    """Write the text as UTF-8 with line feeds; with ``spaces_to_tabs`` runs of spaces become one tab."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for block in decoded_blocks(text.path, text.compression, text.encoding):
            block = block.replace("\r\n", "\n")
            if "\n" not in text.line_ends and "\r\n" not in text.line_ends:
                block = block.replace("\r", "\n")
            file.write(block)
    if spaces_to_tabs:
        _spaces_to_tabs(path)


def _spaces_to_tabs(path: Path) -> None:
    aside = path.with_suffix(".tabs")
    with path.open(encoding="utf-8", newline="\n") as old, aside.open("w", encoding="utf-8", newline="") as new:
        for line in old:
            new.write("\t".join(line.split()) + "\n")
    aside.replace(path)
