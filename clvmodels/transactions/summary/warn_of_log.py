"""What is odd about a log is said to whoever reads one and gets something else than customers."""

from __future__ import annotations

from collections.abc import Iterable

from clvmodels import user_warning
from clvmodels.errors import LogWarning
from clvmodels.transactions.checks.check import to_point_out
from clvmodels.transactions.checks.findings import Finding
from clvmodels.transactions.customers import Customers


def pointed_out(customers: Customers) -> Customers:
    """The customers, of whose log everything odd is warned of.

    Warns
    -----
    LogWarning
        Lines are copies, several currencies are added up, a month has no line, the end is silent, or many customers
        are from before the log.
    """
    point_out(to_point_out(customers.table, customers.unit, customers.report, customers.log))
    return customers


def point_out(findings: Iterable[Finding]) -> None:
    """Warn of each finding."""
    for finding in findings:
        user_warning.point_out(finding.sentence, LogWarning)
