"""How well do the models here predict? The public table: ``python -m clvmodels.evaluation.study [FILE]``.

Every model with and without a calendar, "auto", "best", all baselines and boosted trees, on the logs in ``data/`` and
three simulated shops, six origins and two horizons each. The table with its command, date and seed goes to FILE (CSV);
the means and mean ranks are printed. Half an hour. The stored table has LightGBM, too: ``pip install lightgbm`` first.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pandas as pd

from clvmodels.evaluation.studies import accuracy_table
from clvmodels.version import __version__


def main() -> None:
    """Run every case, print the means, and write the table if a file is named."""
    parts = []
    for case in accuracy_table.cases():
        parts.append(accuracy_table.of_case(case))
        print(f"{case.name}, {case.end:%Y-%m-%d} + {case.days} days", file=sys.stderr, flush=True)
    table = pd.concat(parts, ignore_index=True)
    print(accuracy_table.ranks(table).to_string(float_format="{:.3f}".format), end="\n\n")
    for score in ("spearman", "capture_20", "log_score"):
        name = "auto" if score == "log_score" else "best"
        print(f"Ahead of {name} by {score}:")
        print(accuracy_table.behind(table, name, score).to_string(float_format="{:+.4f}".format), end="\n\n")
    for path in sys.argv[1:2]:
        head = (
            f"# python -m clvmodels.evaluation.study, clvmodels {__version__}, {datetime.date.today()}, "
            f"seed {accuracy_table.SEED}\n"
        )
        Path(path).write_text(head + table.round(6).to_csv(index=False), encoding="utf-8")


if __name__ == "__main__":
    main()
