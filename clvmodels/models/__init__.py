"""Models: pure mathematics, one file a model."""

from __future__ import annotations

import difflib
import importlib
from typing import cast

from clvmodels.errors import ArgumentError
from clvmodels.models.protocol import Model

# Name → module. A new model is one file and one line here.
_MODULES = {
    "bg/nbd": "bgnbd",
    "mbg/nbd": "mbgnbd",
    "nbd": "nbd",
    "pareto/nbd": "paretonbd",
    "ggom/nbd": "ggomnbd",
    "bg/bb": "bgbb",
    "sbg": "sbg",
    "bdw": "bdw",
    "gamma-gamma": "gamma_gamma",
}


def names() -> tuple[str, ...]:
    """Names of the models, as ``clvmodels.fit`` takes them.

    Examples
    --------
    >>> names()[0]
    'bg/nbd'
    """
    return tuple(_MODULES)


def get(name: str) -> Model:
    """The module of a model.

    Examples
    --------
    >>> list(get("bg/nbd").PARAMETERS)
    ['r', 'alpha', 'a', 'b']
    """
    if name not in _MODULES:
        near = difflib.get_close_matches(str(name).lower(), _MODULES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ArgumentError(f"Unknown model {name!r}. Models: {', '.join(_MODULES)}.{hint}")
    return cast(Model, importlib.import_module(f"clvmodels.models.{_MODULES[name]}"))
