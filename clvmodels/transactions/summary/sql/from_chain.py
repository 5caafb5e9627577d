"""Steps of the chain as common table expressions: what narwhals made for DuckDB, tidied for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from clvmodels.transactions.log.engine import connect, quoted
from clvmodels.transactions.summary.sql.dialects import is_plain, sqlglot


def empty(name: str, columns: dict[str, str]) -> nw.LazyFrame[Any]:
    """A table without lines, with these columns and DuckDB's types, on which the chain is put down."""
    types = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
    connection = connect()
    connection.execute(f"CREATE TEMP TABLE {quoted(name)} ({types})")
    return nw.from_native(connection.table(name))


def steps(frame: nw.LazyFrame[Any], name: str) -> list[Any]:
    """The steps that lead to the frame, as expressions that follow one another; the last is called ``name``."""
    from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

    statement = eliminate_subqueries(sqlglot().parse_one(frame.to_native().sql_query(), read="duckdb"))
    old = {cte.alias: cte.this for cte in statement.ctes}
    statement.set("with_", None)
    names = {alias: f"{name}_{place}" for place, alias in enumerate(old, 1)}
    bodies = {**{names[alias]: body for alias, body in old.items()}, name: statement}
    columns: list[str] = []
    for body in bodies.values():
        _read_from(body, names)
        columns = _without_star(body, columns)
    if len(bodies) > 1 and _renames_nothing(statement):  # the step before it is the same
        del bodies[name]
        bodies[name] = bodies.popitem()[1]
    return [named(alias, body) for alias, body in bodies.items()]


def _without_star(body: Any, before: Sequence[str]) -> list[str]:
    """The names of a step's columns, after a star is written out as those of the step before."""
    exp = sqlglot().exp
    if body.is_star:
        body.set("expressions", [exp.column(name, quoted=True) for name in before])
    return [one.alias_or_name for one in body.expressions]


def named(name: str, body: Any) -> Any:
    """A common table expression."""
    exp = sqlglot().exp
    return exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _read_from(body: Any, names: dict[str, str]) -> None:
    """Let a step read from the new name of the step before it, and take the columns as those of that one."""
    exp = sqlglot().exp
    for table in body.find_all(exp.Table):
        table.replace(exp.to_table(names.get(table.name, table.name)))
    for column in body.find_all(exp.Column):
        column.set("table", None)


def tidy(steps: Sequence[Any], last: Any) -> list[Any]:
    """The steps that the last SELECT needs, each with the columns that are needed, in few words."""
    exp, kept, after = sqlglot().exp, [], [last]
    for step in reversed(steps):
        readers = [one for one in after if any(table.name == step.alias for table in one.find_all(exp.Table))]
        if not readers:
            continue
        needed = {column.name for one in readers for column in one.find_all(exp.Column)}
        body = step.this
        body.set("expressions", [one for one in body.expressions if one.alias_or_name in needed])
        if len(readers) == 1 and _only_names(body) and readers[0] is not last:
            _read_through(readers[0], body)
            continue
        kept.append(step)
        after.append(body)
    for body in after:
        _simplify(body)
    return _numbered(kept[::-1], after)


def _numbered(steps: list[Any], readers: Sequence[Any]) -> list[Any]:
    """The steps, those that lead to the same one numbered from 1 without a gap."""
    names: dict[str, str] = {}
    for step in steps:
        stem, _, number = step.alias.rpartition("_")
        if number.isdigit():
            names[step.alias] = f"{stem}_{1 + sum(new.startswith(f'{stem}_') for new in names.values())}"
    for reader in readers:
        for table in reader.find_all(sqlglot().exp.Table):
            table.this.set("this", names.get(table.name, table.name))
    return [named(names.get(step.alias, step.alias), step.this) for step in steps]


def _only_names(body: Any) -> bool:
    """Whether a step does nothing but name columns."""
    exp = sqlglot().exp
    more = ("where", "group", "distinct", "having", "joins", "order", "limit")
    return not any(body.args.get(name) for name in more) and all(
        isinstance(one.unalias(), exp.Column) for one in body.expressions
    )


def _renames_nothing(body: Any) -> bool:
    return _only_names(body) and all(one.alias_or_name == one.unalias().name for one in body.expressions)


def _read_through(reader: Any, body: Any) -> None:
    """Let the reader of a step that only names columns read from the step before it."""
    exp = sqlglot().exp
    source = {one.alias_or_name: one.unalias().name for one in body.expressions}
    for one in list(reader.expressions):
        if isinstance(one, exp.Column) and source[one.name] != one.name:
            one.replace(exp.alias_(one.copy(), one.name, quoted=True))
    for column in list(reader.find_all(exp.Column)):
        column.replace(exp.column(source[column.name], quoted=True))
    reader.find(exp.Table).replace(body.find(exp.Table).copy())


def _simplify(body: Any) -> None:
    exp = sqlglot().exp
    for node in list(body.find_all(exp.Count, exp.Cast, exp.Lag, exp.WindowSpec, exp.Case, exp.Alias, exp.Contains)):
        _shorten(node)
    for paren in list(body.find_all(exp.Paren)):
        if paren.parent is not None and not _is_needed(paren):
            paren.replace(paren.this)
    for name in body.find_all(exp.Identifier):
        if name.name.islower():  # the others are quoted where they need it
            name.set("quoted", not is_plain(name.name))


def _shorten(node: Any) -> None:
    """The same in fewer words, or in words that every dialect has."""
    exp = sqlglot().exp
    if isinstance(node, exp.Count) and node.this is None:
        node.set("this", exp.Star())
    elif isinstance(node, exp.Cast) and (node.this.is_number or _is_cast_to(node.this, node.to)):
        node.replace(node.this)
    elif isinstance(node, exp.Lag) and node.args.get("offset") == exp.Neg(this=exp.Literal.number(1)):
        node.replace(exp.Lead(this=node.this, offset=exp.Literal.number(1)))
    elif isinstance(node, exp.Contains):
        node.replace(exp.In(this=node.expression, expressions=node.this.expressions))
    elif isinstance(node, exp.WindowSpec):
        node.set("kind", "ROWS")
        node.set("start", "UNBOUNDED")
        node.set("start_side", "PRECEDING")
        node.set("end", "CURRENT ROW")
        node.set("end_side", None)
    elif isinstance(node, exp.Case) and isinstance(node.args.get("default"), exp.Null):
        node.set("default", None)
    elif isinstance(node, exp.Alias) and isinstance(node.this, exp.Column) and node.alias == node.this.name:
        node.replace(node.this)


def _is_cast_to(node: Any, kind: Any) -> bool:
    return isinstance(node, sqlglot().exp.Cast) and node.to == kind


def _is_needed(paren: Any) -> bool:
    """Whether parentheses change what an operator takes."""
    exp, inner, outer = sqlglot().exp, paren.this, paren.parent
    if isinstance(inner, exp.Connector):  # sqlglot counts them as functions, too
        return isinstance(outer, exp.Binary | exp.Unary) and type(inner) is not type(outer)
    if isinstance(inner, exp.Column | exp.Literal | exp.Func | exp.Case | exp.Window | exp.Paren):
        return False
    if isinstance(outer, exp.Connector):
        return False
    if isinstance(outer, exp.Predicate | exp.Not):
        return not isinstance(inner, exp.Is | exp.Add | exp.Sub | exp.Mul | exp.Div)
    return isinstance(outer, exp.Binary | exp.Unary) and not isinstance(outer, exp.Paren)
