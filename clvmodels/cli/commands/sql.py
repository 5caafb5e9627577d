"""``clv sql``: the summary of a table in a warehouse, as one SELECT."""

from __future__ import annotations

from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.warehouse import Dialect, DialectOption, QueryOutput, TableOptions
from clvmodels.cli.output import tables
from clvmodels.cli.output.files import QUERIES, check_output
from clvmodels.cli.terminal import Terminal
from clvmodels.files import whole_file


@command
def sql(
    terminal: Terminal, table: TableOptions, dialect: DialectOption = Dialect.duckdb, output: QueryOutput = None
) -> None:
    """Print the summary of a table as one SELECT, which gives the numbers of clv summarize where the table is."""
    path = None if output is None else check_output(output, QUERIES)
    from clvmodels.transactions.summary.sql.statement import summary_sql

    query = summary_sql(table.table, dialect=dialect.value, **table.keywords)
    if path is None:
        terminal.out.print(query, end="", soft_wrap=True)
        return
    replaced = path.exists()
    with whole_file(path) as part:
        part.write_text(query, encoding="utf-8")
    terminal.say(tables.written(path, f"a query for {dialect.value}", replaced))
