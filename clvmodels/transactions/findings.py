"""Findings about a customer base, each a verdict and a plain sentence."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One property of the data: its value, the verdict "ok", "look", "problem" or "unknown", and what it means."""

    name: str
    value: float
    verdict: str
    sentence: str


@dataclass(frozen=True)
class Checks:
    """The findings of `Customers.check`."""

    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, name: str) -> Finding:
        return next(finding for finding in self.findings if finding.name == name)

    @property
    def verdict(self) -> str:
        """The worst of the verdicts."""
        verdicts = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in ("problem", "look") if verdict in verdicts), "ok")

    def to_frame(self) -> pd.DataFrame:
        """One row a finding: value, verdict and sentence."""
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
