"""What the log held, and whether it suits the models."""

from __future__ import annotations

from clvmodels.reporting import formats
from clvmodels.reporting.blocks import Block, Prose, Remark, Remarks, Section, Table
from clvmodels.reporting.study.study import Study
from clvmodels.transactions.row_report import RowReport


def section(study: Study) -> Section:
    """From lines to customers, and the findings about them."""
    report = study.customers.report
    if report is None:
        said = "The customers came as a table, so there is no account of the lines they were made from."
        blocks: list[Block] = [Prose((said,))]
    else:
        said = (
            "Purchases of one customer on one day count as one. Every line of the log is accounted for: used, or "
            "left out for the reason given."
        )
        blocks = [Prose((said,)), rows(report)]
    blocks.append(Prose(("Do the data suit the models? Each of these was checked:",)))
    checks = study.customers.check()
    blocks.append(Remarks(tuple(Remark(one.verdict, one.name, formats.plainly(one.sentence)) for one in checks)))
    return Section("data", "The data", tuple(blocks))


def rows(report: RowReport) -> Table:
    """The row report, without the counts that are 0."""
    counted = [(name, count) for name, count in report.rows() if count.strip("-0.,")]
    return Table(
        caption="From lines to customers",
        heads=("", "Count"),
        rows=tuple((name.strip(), count.replace("-", "−")) for name, count in counted),
        faint=frozenset(i for i, (name, _) in enumerate(counted) if name.startswith(" ")),
    )
