"""The command line: ``clv report``, ``clv score``, ``clv fit``, ``clv evaluate``, ``clv summarize``.

Nothing here imports pandas, SciPy or a model before a command needs them, so that ``clv --help`` is quick.
"""

from __future__ import annotations

from clvmodels.cli.application import app


def main() -> None:
    """Run ``clv`` with the arguments of the process."""
    app(prog_name="clv")
