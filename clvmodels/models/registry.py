"""The models by name."""

from __future__ import annotations

import difflib
import importlib
import re
from typing import cast

from clvmodels.errors import ArgumentError
from clvmodels.models.protocol import Model

# Name → module. A new model is one file and one line here. A name that ends in -k is a family, with members -1, -2, …
_MODULES = {
    "bg/nbd": "purchases.bgnbd",
    "mbg/nbd": "purchases.mbgnbd",
    "nbd": "purchases.nbd",
    "pareto/nbd": "purchases.paretonbd",
    "ggom/nbd": "purchases.ggomnbd",
    "bg/cnbd-k": "purchases.cnbd",
    "mbg/cnbd-k": "purchases.cnbd",
    "bg/bb": "purchases.bgbb",
    "sbg": "renewals.sbg",
    "bdw": "renewals.bdw",
    "gamma-gamma": "spend.gamma_gamma",
    "gamma-gamma-amounts": "spend.gamma_gamma_amounts",
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
    """The module of a model; of a family of models, the member.

    Examples
    --------
    >>> list(get("bg/nbd").PARAMETERS)
    ['r', 'alpha', 'a', 'b']
    >>> get("bg/cnbd-3").TITLE
    'BG/CNBD-3'
    """
    family = re.sub(r"-[1-9]\d*$", "-k", str(name))
    if family not in _MODULES:
        near = difflib.get_close_matches(str(name).lower(), _MODULES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ArgumentError(f"Unknown model {name!r}. Models: {', '.join(_MODULES)}.{hint}")
    module = importlib.import_module(f"clvmodels.models.{_MODULES[family]}")
    return cast(Model, module.find(name) if hasattr(module, "find") else module)


def needs_purchases(name: str) -> bool:
    """Whether a model asks for every purchase, as ``clvmodels.summarize(keep_purchases=True)`` keeps them.

    Examples
    --------
    >>> needs_purchases("bg/cnbd-k"), needs_purchases("gamma-gamma-amounts"), needs_purchases("bg/nbd")
    (True, True, False)
    """
    model = get(name)
    return hasattr(model, "CHOICES") or getattr(model, "LOG_GAPS", 0) > 0 or getattr(model, "EVERY_PURCHASE", False)
