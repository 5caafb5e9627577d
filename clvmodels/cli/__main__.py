"""``python -m clvmodels.cli``."""

from clvmodels.cli import main

main()
