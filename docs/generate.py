"""Pages that follow from the package: notebooks, a page a command, the columns of a table of scores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

import clvmodels as clv
from clvmodels.cli.application import app
from clvmodels.scoring.columns import MEANINGS

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
_WARNING = "<!-- made by docs/generate.py: do not edit -->\n"

# `Forecast` and `forecast` would be one file where a file system takes capitals for small letters.
_SMALL = {name for name in clv.__all__ if name.islower()}
FILE_NAMES = {f"clvmodels.{name}": f"clvmodels.{name}-class" for name in clv.__all__ if name.lower() in _SMALL - {name}}


def everything(docs: Path) -> None:
    """Write the pages into the folder of the documentation, where they have changed."""
    for name, text in {**tutorials(), **commands(), "reference/scores_columns.md": score_columns()}.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def tutorials() -> dict[str, str]:
    """The notebooks as they are, with their outputs."""
    return {f"tutorials/{path.name}": path.read_text(encoding="utf-8") for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def commands() -> dict[str, str]:
    """A page a command of ``clv``, and one that lists them."""
    every = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    pages = {f"reference/cli/{name}.md": _command_page(name, command) for name, command in every.items()}
    lines = [f"[`clv {name}`](cli/{name}.md)\n: {_markdown(command.help)}\n" for name, command in every.items()]
    contents = ["```{toctree}", ":hidden:", "", *(f"cli/{name}" for name in every), "```"]
    text = "# Command line\n\n`clv COMMAND --help` says the same in the terminal.\n"
    return {**pages, "reference/cli.md": "\n".join([_WARNING, text, *lines, *contents, ""])}


def score_columns() -> str:
    """A table of what each column of the scores means."""
    rows = [f"| `{name}` | {words[0].upper()}{words[1:]} |" for name, words in MEANINGS.items()]
    return "\n".join([_WARNING, "| column | what it holds |", "|---|---|", *rows, ""])


def _command_page(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    usage = " ".join(["clv", name, *(one.metavar for one in arguments), "[OPTIONS]"])
    parts = [_WARNING, f"# clv {name}\n", _markdown(command.help), f"\n```sh\n{usage}\n```\n"]
    parts += [*_examples(command.epilog or ""), "## Arguments\n", *map(_entry, arguments)]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    for title, of_panel in groupby(options, key=lambda one: one.rich_help_panel or "Options"):
        parts += [f"## {title}\n", *map(_entry, of_panel)]
    return "\n".join(parts)


def _examples(epilog: str) -> Iterator[str]:
    """What stands below the options in the terminal: commands are blocks of code, the rest is prose."""
    for paragraph in filter(None, epilog.split("\n\n")):
        words, mark, code = paragraph.partition("[bold]")
        code, _, rest = code.partition("[/]")
        if mark and not rest:
            yield f"{words.strip()}\n\n```sh\n{code}\n```\n"
        else:
            yield f"{_markdown(paragraph)}\n"


def _entry(option: Any) -> str:
    """An argument or option as an entry of a list of definitions."""
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    names = f"`{option.metavar}`" if option.param_type_name == "argument" else names
    shape = f" {_escaped(option.metavar)}" if option.metavar and option.param_type_name == "option" else ""
    default = option.show_default if isinstance(option.show_default, str) else option.default
    known = f" Default: {_escaped(_plain(default))}." if default not in (None, False, (), []) else ""
    return f"{names}{shape}\n: {_escaped(option.help or '')}{known}\n"


def _plain(value: Any) -> str:
    return str(getattr(value, "value", value))


def _markdown(text: str) -> str:
    """Words of the terminal, with its bold type as code."""
    return re.sub(r"\[bold\](.*?)\[/(?:bold)?\]", r"`\1`", text)


def _escaped(text: str) -> str:
    return re.sub(r"([*_<>\[\]{}$`])", r"\\\1", text)
