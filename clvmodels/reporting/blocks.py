"""The parts of a section; ``templates/blocks.html.j2`` has a macro for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Prose:
    """Paragraphs; ``large`` for those to be read first."""

    paragraphs: tuple[str, ...]
    large: bool = False
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: ClassVar[str] = "heading"


@dataclass(frozen=True)
class Fact:
    """A number to be seen first: its name, the number, and a note."""

    name: str
    number: str
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """A few numbers side by side."""

    facts: tuple[Fact, ...]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first column names the row, numbers stand to the right.

    Attributes
    ----------
    details : tuple of str
        A note on each row, printed under its name; empty if there is none.
    strong, faint : frozenset of int
        Rows that stand out, and those that are part of the row above.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    details: tuple[str, ...] = ()
    strong: frozenset[int] = frozenset()
    faint: frozenset[int] = frozenset()
    note: str = ""
    kind: ClassVar[str] = "table"

    @classmethod
    def of_columns(cls, caption: str, columns: Iterable[tuple[str, Iterable[str]]], **more: Any) -> Table:
        """A table of columns, each with its head; ``more`` are other fields.

        Examples
        --------
        >>> Table.of_columns("Ages", [("Name", ["Ann", "Bob"]), ("Age", ["31", "42"])]).rows
        (('Ann', '31'), ('Bob', '42'))
        """
        heads, cells = zip(*columns, strict=True)
        return cls(caption, heads, tuple(zip(*cells, strict=True)), **more)


@dataclass(frozen=True)
class Drawing:
    """An SVG as the address of an image, and its size in points."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """The drawings of one plot, for light and dark, and for wide and narrow screens."""

    light: Drawing
    dark: Drawing
    light_narrow: Drawing
    dark_narrow: Drawing


@dataclass(frozen=True)
class Figure:
    """A plot: its finding and what is shown as text, and its drawings."""

    finding: str
    what: str
    picture: Picture
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True)
class Remark:
    """A verdict: of a check "ok", "look", "problem", "note" or "unknown", of a group "pays", "unsure" or "leave"."""

    verdict: str
    name: str
    sentence: str


@dataclass(frozen=True)
class Remarks:
    """Verdicts."""

    remarks: tuple[Remark, ...]
    kind: ClassVar[str] = "remarks"


@dataclass(frozen=True)
class Code:
    """Python to copy."""

    text: str
    kind: ClassVar[str] = "code"


@dataclass(frozen=True)
class Explorer:
    """A table that a script of the page sorts, searches and saves.

    Attributes
    ----------
    about : str
        What is in it.
    data : str
        What `packed.packed` made of its columns.
    """

    about: str
    data: str
    kind: ClassVar[str] = "explorer"


type Block = Prose | Heading | Facts | Table | Figure | Remarks | Code | Explorer


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes
    ----------
    id : str
        Its anchor.
    title : str
        Its heading.
    blocks : tuple of Block
        What it says.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = field(default=())
