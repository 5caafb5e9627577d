"""Options of commands about tables that stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from clvmodels.cli.inputs import options as o
from clvmodels.cli.inputs.values import Unit

_QUERY = "The query"


class Dialect(StrEnum):
    """Dialects of SQL."""

    duckdb = "duckdb"
    postgres = "postgres"
    snowflake = "snowflake"
    bigquery = "bigquery"
    spark = "spark"


TableName = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="The purchases: a table or view, such as shop.orders, or a template such as \"{{ ref('orders') }}\".",
    ),
]
DialectOption = Annotated[
    Dialect,
    typer.Option(
        "--dialect",
        metavar="DIALECT",
        help="duckdb, postgres, snowflake, bigquery or spark.",
        rich_help_panel=_QUERY,
    ),
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="COLUMN",
        help="A column that customers take with them, from their first purchase. May be given several times.",
        show_default="none",
        rich_help_panel=_QUERY,
    ),
]
QueryOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="A file ending in .sql to write the query to, rather than here; one that exists is replaced.",
        show_default="none",
        rich_help_panel="Output",
    ),
]


@dataclass(frozen=True)
class TableOptions:
    """A table of purchases and how to read it."""

    table: TableName
    customer: o.Customer = None
    date: o.Date = None
    amount: o.Amount = None
    order: o.Order = None
    unit: o.UnitOfTime = None
    observation_end: o.ObservationEnd = None
    refunds: o.RefundPolicy = None
    timezone: o.Timezone = None
    skip: o.Skip = None
    amount_per: o.AmountPer = None
    keep: Keep = None

    @property
    def keywords(self) -> dict[str, Any]:
        """As `clvmodels.summary_sql` takes them."""
        values = {
            "customer": self.customer,
            "date": self.date,
            "amount": self.amount,
            "order": self.order,
            "unit": (self.unit or Unit.week).value,
            "observation_end": self.observation_end,
            "refunds": None if self.refunds is None else self.refunds.value,
            "timezone": self.timezone,
            "skip": self.skip,
            "amount_per": None if self.amount_per is None else self.amount_per.value,
            "keep": self.keep,
        }
        return {name: value for name, value in values.items() if value}
