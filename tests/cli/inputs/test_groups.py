"""Every command has the options of its groups, and quiet and debug."""

from __future__ import annotations

from dataclasses import fields

import pytest
import typer

from clvmodels.cli import app
from clvmodels.cli.inputs.campaign import CampaignOptions, CampaignOrNone
from clvmodels.cli.inputs.command import command
from clvmodels.cli.inputs.decisions import NetworkOptions, SegmentOptions
from clvmodels.cli.inputs.groups import (
    CostOptions,
    EquityOptions,
    ExplainingOptions,
    ForecastModels,
    ForecastOptions,
    LogOptions,
    ModelOptions,
    PeriodCostOptions,
    ValuationOptions,
)
from clvmodels.cli.inputs.warehouse import TableOptions
from clvmodels.cli.terminal import Terminal

COMMANDS = typer.main.get_group(app).commands
GROUPS = {
    "check": {LogOptions},
    "equity": {LogOptions, EquityOptions, CostOptions, ForecastModels},
    "evaluate": {LogOptions, ExplainingOptions},
    "fit": {LogOptions, ModelOptions, ExplainingOptions},
    "forecast": {LogOptions, ForecastOptions},
    "network": {LogOptions, NetworkOptions, ForecastModels, ValuationOptions, CostOptions},
    "report": {LogOptions, ModelOptions, ValuationOptions, PeriodCostOptions, CampaignOrNone},
    "score": {LogOptions, ModelOptions, ValuationOptions, CostOptions},
    "segment": {LogOptions, SegmentOptions, ForecastModels, ValuationOptions, CostOptions},
    "sql": {TableOptions},
    "summarize": {LogOptions},
    "target": {LogOptions, CampaignOptions, ForecastModels, ValuationOptions, CostOptions},
    "update": {LogOptions},
    "value": {LogOptions, PeriodCostOptions, ValuationOptions, ModelOptions},
}
OWN = {
    "check": {"against", "level", "tolerance", "output"},
    "equity": {"output", "as_is"},
    "evaluate": {"calibration_end", "purchase_model", "spend_model", "forecast", "output"},
    "fit": {"output"},
    "forecast": {"purchase_model", "spend_model", "new_customers", "output", "customers_output", "as_is"},
    "network": {"output", "top", "as_is"},
    "report": {"calibration_end", "title", "top", "output", "format"},
    "score": {"model", "output", "memory", "top", "as_is"},
    "segment": {"output", "customers_output", "as_is"},
    "sql": {"dialect", "output"},
    "summarize": {"output", "as_is"},
    "target": {"output", "as_is"},
    "update": {"state", "late", "open_days", "customers_output", "as_is"},
    "value": {"period", "group", "interval", "output", "customers_output", "as_is"},
}


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_command_has_the_options_of_its_groups_and_its_own(name):
    in_groups = {field.name for group in GROUPS[name] for field in fields(group)}
    assert {option.name for option in COMMANDS[name].params} == in_groups | OWN[name] | {"quiet", "debug"}


def test_there_is_no_other_command():
    assert set(COMMANDS) == set(GROUPS)


def test_a_command_gets_its_groups_with_what_was_given():
    seen = []

    @command
    def some(terminal: Terminal, costs: CostOptions, top: int = 3) -> None:
        seen.append((costs, top))

    context = typer.Context(typer.main.get_command(app))
    some(context=context, cost_per_purchase=2.0, retention_cost_per_year=1.0, top=7, quiet=False, debug=False)
    assert seen == [(CostOptions(2.0, 1.0), 7)]
