"""The application: its commands and the options that stand before them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer import rich_utils
from typer.core import TyperGroup
from typer.exceptions import TyperException

from clvmodels.cli.commands.check import check
from clvmodels.cli.commands.equity import equity
from clvmodels.cli.commands.evaluate import evaluate
from clvmodels.cli.commands.fit import fit
from clvmodels.cli.commands.forecast import forecast
from clvmodels.cli.commands.network import network
from clvmodels.cli.commands.report import report
from clvmodels.cli.commands.score import score
from clvmodels.cli.commands.segment import segment
from clvmodels.cli.commands.sql import sql
from clvmodels.cli.commands.summarize import summarize
from clvmodels.cli.commands.target import target
from clvmodels.cli.commands.update import update
from clvmodels.cli.commands.value import value
from clvmodels.cli.inputs.options import Debug, Quiet
from clvmodels.cli.terminal import INTERRUPTED
from clvmodels.cli.words import in_shell_words
from clvmodels.safe_text import visible
from clvmodels.version import __version__


class _Commands(TyperGroup):
    """The commands; what the shell gave is shown in errors of typer too, and never obeyed by the terminal."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except TyperException as raised:
            problem: Any = raised
            problem.message = visible(in_shell_words(str(problem.message)))
            if not standalone_mode:
                raise
            rich_utils.rich_format_error(problem)
            sys.exit(problem.exit_code)
        except typer.Abort:
            sys.exit(INTERRUPTED)
        if standalone_mode:
            sys.exit(code or 0)
        return code


app = typer.Typer(
    cls=_Commands,
    name="clv",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"clvmodels {__version__}")
        raise typer.Exit


@app.callback(epilog="Start with:  [bold]clv report data/cdnow.csv --currency USD --output report.html[/]")
def clv(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Customer lifetime value from a log of purchases.

    Who will buy again, how often, for how much, and what is that worth today?
    """


app.command(
    epilog="Example:  [bold]clv report data/cdnow.csv --currency USD --output report.html[/]\n\n"
    "To print it:  [bold]clv report data/cdnow.csv --output report.pdf[/]"
)(report)
app.command(
    epilog="Example:  [bold]clv score data/cdnow.csv --observation-end 1997-09-30 --horizon 1Y --margin 0.3 "
    "--currency USD --output scores.csv[/]"
)(score)
app.command(
    epilog="Example:  [bold]clv forecast data/cdnow.csv --horizon 1Y --by month --output forecast.csv[/]\n\n"
    "With a row a customer as well:  [bold]clv forecast data/cdnow.csv --customers-output customers.parquet[/]"
)(forecast)
app.command(
    epilog="Example:  [bold]clv value data/cdnow.csv --period quarter --cost-per-purchase 5 --acquisition-cost 10 "
    "--margin 0.3 --output value.csv[/]\n\n"
    "With what was spent when:  [bold]clv value data/cdnow.csv --costs costs.csv[/]"
)(value)
app.command(
    epilog="Example:  [bold]clv equity data/online_retail_orders.parquet --currency GBP --margin 0.3 "
    "--acquisition-cost 100 --output equity.csv[/]\n\n"
    "With numbers of your own:  [bold]clv equity data/cdnow.csv --counts new_customers.csv --horizon 1Y[/]"
)(equity)
app.command(
    epilog="Example:  [bold]clv segment data/cdnow.csv --tiers 5 --currency USD --output segments.csv[/]\n\n"
    "By value and risk:  [bold]clv segment data/cdnow.csv --by value_risk[/]"
)(segment)
app.command(
    epilog="Example:  [bold]clv network data/cdnow.csv --referrals referrals.csv --share-incremental 0.6 --reward 10 "
    "--output network.csv[/]"
)(network)
app.command(
    epilog="Example:  [bold]clv target data/cdnow.csv --activities activities.csv --budget 5000 --horizon 1Y "
    "--margin 0.3 --output campaign.csv[/]\n\nwith activities.csv:  [bold]name,cost,effect[/], a line each: "
    "[bold]call,2.5,0.10[/]"
)(target)
app.command(
    epilog="Example:  [bold]clv fit data/cdnow.csv --observation-end 1997-09-30 --output model.json[/]\n\n"
    "Then score any log with it:  [bold]clv score data/cdnow.csv --model model.json[/]"
)(fit)
app.command(
    epilog="Example:  [bold]clv evaluate data/cdnow.csv --calibration-end 1997-09-30 --purchase-model bg/nbd "
    "--purchase-model pareto/nbd[/]"
)(evaluate)
app.command(
    epilog="Example:  [bold]clv check data/cdnow.csv --against model.json[/]\n\n"
    "It ends with the exit code 3 if something has drifted, 0 if nothing has."
)(check)
app.command(
    epilog="Example:  [bold]clv summarize data/cdnow.csv --observation-end 1997-09-30 --output customers.csv[/]"
)(summarize)
app.command(
    epilog="Example:  [bold]clv sql shop.orders --dialect postgres --customer customer_id --date ordered_at "
    "--amount total[/]\n\nIn dbt:  [bold]clv sql \"{{ ref('orders') }}\" --customer customer_id --date ordered_at "
    "--output models/customers.sql[/]"
)(sql)
app.command(
    epilog="The first time:  [bold]clv update state.parquet january.csv --customer id --date day --amount paid[/]\n\n"
    "Then:  [bold]clv update state.parquet february.csv --customers-output customers.parquet[/]"
)(update)
