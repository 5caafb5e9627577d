"""Tables of decisions on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding

from clvmodels import formats
from clvmodels.cli.output.cells import indented, money_cells, one_line, plain_table

if TYPE_CHECKING:
    from clvmodels.decisions.network.network_result import NetworkValue
    from clvmodels.decisions.segments.segments import Segments

_MOST = 20


def segments(found: Segments, currency: str | None) -> Padding:
    """The profile of each segment; of very many those with the most value."""
    table = found.table
    table = table.loc[table.index.isin(table["value"].nlargest(_MOST).index)]
    money = f" [{currency}]" if currency else ""
    columns = {
        "": [str(name) for name in table.index],
        "Customers": [f"{count:,}" for count in table["customers"]],
        "Share": [formats.share(share) for share in table["share_of_customers"]],
        f"Value{money}": money_cells(table["value"]),
    }
    if "share_of_value" in table:
        columns["Share\nof value"] = [formats.share(share) for share in table["share_of_value"]]
    columns[f"Value\neach{money}"] = money_cells(table["value_per_customer"])
    if "risk" in table:
        columns["Risk"] = [formats.share(risk) for risk in table["risk"]]
    return _shown(columns)


def network(found: NetworkValue, top: int, currency: str | None) -> Padding:
    """The customers with the highest network value."""
    table = found.table.nlargest(top, "network_value")
    money = f"\n[{currency}]" if currency else ""
    names = {"own_value": "Own", "referral_value": "Referrals", "network_value": "Network"}
    names["conserving_value"] = "Account"
    columns = {"Customer": [str(name) for name in table.index], "Brought": [f"{n:,}" for n in table["referrals"]]}
    columns |= {f"{title}{money}": money_cells(table[name]) for name, title in names.items()}
    return _shown(columns)


def _shown(columns: dict[str, list[str]]) -> Padding:
    table = plain_table("<" + ">" * (len(columns) - 1), list(columns))
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*map(one_line, cells))
    return indented(table)
