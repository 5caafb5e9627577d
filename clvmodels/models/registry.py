"""Names of the models, and the module in which each is defined; a module is loaded on first use."""

from __future__ import annotations

import copyreg
import difflib
import importlib
import re
from collections.abc import Callable
from functools import cache

from clvmodels.errors import ArgumentError
from clvmodels.models.assembly import KINDS, assemble, family
from clvmodels.models.protocol import Model, ModelFamily
from clvmodels.models.spec import Spec

# Name → module. A new model is one file and one line here. A name that ends in -k is a family, with members -1, -2, …
MODULES = {
    "bg/nbd": "clvmodels.models.purchases.bgnbd",
    "mbg/nbd": "clvmodels.models.purchases.mbgnbd",
    "nbd": "clvmodels.models.purchases.nbd",
    "pareto/nbd": "clvmodels.models.purchases.paretonbd",
    "ggom/nbd": "clvmodels.models.purchases.ggomnbd",
    "bg/cnbd-k": "clvmodels.models.purchases.cnbd",
    "mbg/cnbd-k": "clvmodels.models.purchases.cnbd",
    "bg/bb": "clvmodels.models.purchases.bgbb",
    "sbg": "clvmodels.models.renewals.sbg",
    "bdw": "clvmodels.models.renewals.bdw",
    "beta-binomial": "clvmodels.models.payments.betabinomial",
    "gamma-gamma": "clvmodels.models.spend.gamma_gamma",
    "gamma-gamma-amounts": "clvmodels.models.spend.gamma_gamma_amounts",
}


def names() -> tuple[str, ...]:
    """Names of the models, as ``clvmodels.fit`` takes them.

    Returns
    -------
    tuple of str
        A name that ends in "-k" is a family, whose members are named by a number: "bg/cnbd-2".

    Examples
    --------
    >>> names()[0]
    'bg/nbd'
    """
    return tuple(MODULES)


def get(name: str) -> Model:
    """A model by its name: what it states about itself and its functions.

    Parameters
    ----------
    name : str
        One of `names`, or a member of a family such as "bg/cnbd-3"; capitals, spaces and signs between the letters
        don't matter: "BG/NBD", "bg-nbd" and "bgnbd" are one.

    Returns
    -------
    PurchaseModel, SpendModel, RenewalModel or ModelFamily
        ``spec`` and the functions that `clvmodels.models.protocol` describes.

    Raises
    ------
    ArgumentError
        There is no such model.
    ModelError
        The module of the model lacks something; the message names all of it.

    Examples
    --------
    >>> model = get("bg/nbd")
    >>> list(model.spec.parameters)
    ['r', 'alpha', 'a', 'b']
    >>> import numpy as np
    >>> x, T = np.array([0.0, 5.0]), np.array([39.0, 39.0])
    >>> model.expected_purchases(x, T, 52.0, r=0.243, alpha=4.414, a=0.793, b=2.426).round(2)
    array([0.25, 4.79])
    >>> get("bg/cnbd-3").spec.title
    'BG/CNBD-3'
    """
    own = name if isinstance(name, str) and name in MODULES else _own_name(str(name))
    key = re.sub(r"-[1-9]\d*$", "-k", own)
    if key not in MODULES:
        near = difflib.get_close_matches(str(name).lower(), MODULES, n=1)
        shown = " ".join(repr(name).split())[:60]
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ArgumentError(f"Unknown model {shown}. Models: {', '.join(MODULES)}.{hint}")
    return _load(own, MODULES[key], key.endswith("-k"))


def needs_purchases(name: str) -> bool:
    """Whether a model asks for every purchase, as ``clvmodels.summarize(keep_purchases=True)`` keeps them.

    Parameters
    ----------
    name : str
        As `get` takes it.

    Returns
    -------
    bool
        True if it does.

    Raises
    ------
    ArgumentError
        There is no model of this name.

    Examples
    --------
    >>> needs_purchases("bg/cnbd-k"), needs_purchases("gamma-gamma-amounts"), needs_purchases("bg/nbd")
    (True, True, False)
    """
    return get(name).spec.needs_purchases


# --- private helpers --------------------------------------------------------------------------------------------------


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _own_name(name: str) -> str:
    """The name as the registry has it, or as it was given if it has none like it."""
    letters = _letters(name)
    for known in MODULES:
        if _letters(known) == letters:
            return known
        member = re.fullmatch(rf"{_letters(known)[:-1]}([1-9]\d*)", letters) if known.endswith("-k") else None
        if member is not None:
            return f"{known[:-1]}{member[1]}"
    return name


def _by_name(model: Model) -> tuple[Callable[[str], Model], tuple[str]]:
    """How a model is pickled and copied: by its name, under which the registry must know it."""
    get(model.spec.name)
    return get, (model.spec.name,)


for _kind in (*KINDS.values(), ModelFamily):
    copyreg.pickle(_kind, _by_name)


@cache
def _load(name: str, where: str, of_family: bool) -> Model:
    module = importlib.import_module(where)
    source = module.find(name) if of_family else module
    return family(source) if isinstance(source, Spec) else assemble(source, where)
