"""The way from a page to what a reader sees."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    """The text of a page, its tags with their attributes, and the cells of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.facts: list[str] = []
        self.code = ""
        self.data = ""
        self._words: list[str] = []
        self._open: list[str] = []
        self._caption = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "caption":
            self._caption = ""
        if tag == "tr":
            self.tables.setdefault(self._caption, []).append([])
        if tag in ("td", "th"):
            self.tables[self._caption][-1].append("")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" in self._open and self.tags[-1][1].get("id") == "explorer-data":
            self.data += data
        if {"style", "script"} & set(self._open):
            return
        if "code" in self._open:
            self.code += data
        if self.tags[-1:] == [("span", {"class": "number"})] and self._open[-1] == "span":
            self.facts.append(data)
        self._words.append(data)
        if "caption" in self._open:
            self._caption += data
        elif {"td", "th"} & set(self._open) and "small" not in self._open:
            self.tables[self._caption][-1][-1] += " ".join(data.split())

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(path: str | Path) -> Page:
    return Page(Path(path).read_text(encoding="utf-8"))
