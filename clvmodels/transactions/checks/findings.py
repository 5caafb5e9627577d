"""Findings about a customer base, each a verdict and a plain sentence."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One property of the data and what it means for the models.

    Attributes
    ----------
    name : str
        What was looked at, such as "repeaters".
    value : float
        Its value; NaN if it can't be known.
    verdict : str
        "ok", "look", "problem" or "unknown".
    sentence : str
        What was found and what follows from it.
    """

    name: str
    value: float
    verdict: str
    sentence: str


@dataclass(frozen=True)
class Checks:
    """The findings of `clvmodels.Customers.check`: a sequence, and by name, as in ``checks["repeaters"]``.

    Attributes
    ----------
    findings : tuple of Finding
        One for each property looked at.
    """

    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, name: str) -> Finding:
        return next(finding for finding in self.findings if finding.name == name)

    @property
    def verdict(self) -> str:
        """The worst of the verdicts: "problem", "look" or "ok"."""
        verdicts = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in ("problem", "look") if verdict in verdicts), "ok")

    def to_frame(self) -> pd.DataFrame:
        """The findings as a table.

        Returns
        -------
        pandas.DataFrame
            One row a finding, indexed by ``name``: ``value``, ``verdict`` and ``sentence``.

        Examples
        --------
        >>> finding = Finding("repeaters", 946.0, "ok", "946 customers bought again.")
        >>> Checks((finding,)).to_frame()[["value", "verdict"]]
                   value verdict
        name
        repeaters  946.0      ok
        """
        return pd.DataFrame(
            [(finding.name, finding.value, finding.verdict, finding.sentence) for finding in self],
            columns=["name", "value", "verdict", "sentence"],
        ).set_index("name")

    def __str__(self) -> str:
        """One line a finding."""
        return "\n".join(f"{finding.verdict:<8} {finding.name}: {finding.sentence}" for finding in self)

    def _repr_html_(self) -> str:
        cells = (
            f"<tr><td>{html.escape(finding.verdict)}</td><td>{html.escape(finding.name)}</td>"
            f'<td style="text-align:left">{html.escape(finding.sentence)}</td></tr>'
            for finding in self
        )
        return f"<table><tbody>{''.join(cells)}</tbody></table>"
