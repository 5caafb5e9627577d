"""What a worker runs: a scorer that comes as text, over the batches of a partition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pyarrow as pa

from clvmodels.scoring.scorer import Scorer

_scorer = cache(Scorer.from_json)


def score_batches(text: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The scores of batches of a summary, one batch for each.

    Parameters
    ----------
    text
        The scorer, as `Scorer.to_json` wrote it.
    batches
        Of a summary; see `Scorer.of_batch`.
    """
    scorer = _scorer(text)
    for batch in batches:
        yield scorer.of_batch(batch)
