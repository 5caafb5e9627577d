"""How a model is fitted: the method, and the size of its draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clvmodels.arguments import MOST_DRAWS, shortly, whole
from clvmodels.errors import ArgumentError

_METHODS = ("mle", "laplace", "nuts")
_DRAWS = {"laplace": 4_000, "nuts": 1_000}  # in all; a chain
_CHAINS = 4


@dataclass(frozen=True)
class Settings:
    """Method and draws, as `clvmodels.fit` takes them; and parameters near which a maximum by "mle" is expected.

    Raises
    ------
    ArgumentError
        The method is not known, or an option doesn't belong to it.
    """

    method: str = "mle"
    draws: int | None = None
    chains: int | None = None
    seed: int = 0
    progress: bool = True
    near: Mapping[str, float] | None = None

    @property
    def bayes(self) -> bool:
        """Whether a posterior is asked for."""
        return self.method != "mle"

    @property
    def number_of_draws(self) -> int:
        """With "laplace" in all, with "nuts" a chain."""
        return self.draws or _DRAWS[self.method]

    @property
    def number_of_chains(self) -> int:
        """Chains of "nuts"."""
        return self.chains or _CHAINS

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise ArgumentError(f"Unknown method {shortly(self.method)}. Methods: {', '.join(_METHODS)}.")
        if self.method == "mle" and self.draws is not None:
            raise ArgumentError('draws= has no meaning for method="mle"; its intervals come with interval=.')
        if self.method != "nuts" and self.chains is not None:
            raise ArgumentError('chains= belongs to method="nuts".')
        for name, value in (("draws", self.draws), ("chains", self.chains)):
            if value is not None:
                whole(name, value, "a whole number, 1 or more", least=1, most=MOST_DRAWS)
        whole("seed", self.seed)
