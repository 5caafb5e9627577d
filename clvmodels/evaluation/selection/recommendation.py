"""Which of several fits to use, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clvmodels.evaluation.selection.pair_tests import LIKELIHOOD_RATIO, VUONG, Pair
from clvmodels.inference.fits.fit import Fit

_PREFERS = {
    LIKELIHOOD_RATIO: "The likelihood-ratio test prefers it to {}.",
    VUONG: "Vuong's test prefers it to {}.",
}
_EQUAL = {
    LIKELIHOOD_RATIO: "By the likelihood-ratio test nothing is gained by {}.",
    VUONG: "Vuong's test can't tell it apart from {}: let a holdout decide.",
}


def recommend(fits: Mapping[str, Fit], pairs: Sequence[Pair]) -> tuple[str, str]:
    """The lowest AIC of the models that are identified, or a special case of it that fits as well.

    Parameters
    ----------
    fits
        By name, the lowest AIC first.
    pairs
        Tests of every pair.

    Returns
    -------
    tuple of str
        Name and sentence.
    """
    title = {name: one.definition.spec.title if name == one.model else name for name, one in fits.items()}
    order = [name for name in fits if fits[name].converged] or list(fits)
    lowest = best = order[0]
    for pair in pairs:
        if pair.test == LIKELIHOOD_RATIO and pair.model == lowest and not pair.better and pair.against in order:
            best = pair.against
            break
    gaps = [f"{title[name]} {fits[name].aic - fits[best].aic:+,.1f}" for name in order if name != best]
    aic = f"{'lowest ' if best == lowest else ''}AIC {fits[best].aic:,.1f}{' (' if gaps else ''}{', '.join(gaps)}"
    doubt = [title[name] for name in fits if name not in order]
    left_out = f" Parameters of {', '.join(doubt)} are not identified by these data." if doubt else ""
    if not fits[best].converged:
        left_out = " None of these models has all its parameters identified by these data."
    return best, f"{title[best]}: {aic}{')' if gaps else ''}.{_against(best, pairs, title)}{left_out}"


def _against(best: str, pairs: Sequence[Pair], title: Mapping[str, str]) -> str:
    """What the tests say of the recommended model and the others."""
    said: dict[str, list[str]] = {}
    for pair in pairs:
        if best not in (pair.model, pair.against):
            continue
        other = pair.against if pair.model == best else pair.model
        sentence = _PREFERS[pair.test] if pair.better == best else "" if pair.better else _EQUAL[pair.test]
        said.setdefault(sentence, []).append(f"{title[other]} (p {_p(pair.p_value)})")
    return "".join(f" {sentence.format(', '.join(whom))}" for sentence, whom in said.items() if sentence)


def _p(value: float) -> str:
    """A p-value as text."""
    return "< 0.0001" if value < 1e-4 else f"= {value:.1g}" if value < 0.1 else f"= {value:.2f}"
