"""Tables small enough to travel in the page: columns of whole numbers, as JSON, gzip and base64.

The script of the page takes them apart with what every browser has; `unpacked` does the same here.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def scaled(values: ArrayLike, digits: int) -> list[int | None]:
    """Numbers as whole multiples of 10^-digits, which compress well; None for what is no number.

    Examples
    --------
    >>> scaled([0.3081, 75.8, float("nan")], 2)
    [31, 7580, None]
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    whole = np.rint(np.where(known, numbers, 0.0) * 10.0**digits).astype(np.int64)
    return [one if there else None for one, there in zip(whole.tolist(), known.tolist(), strict=True)]


def packed(data: Mapping[str, Any]) -> str:
    """Data as text for the page; the same data always give the same text.

    Examples
    --------
    >>> unpacked(packed({"ids": ["ann", "</script>"]}))
    {'ids': ['ann', '</script>']}
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0)).decode("ascii")


def unpacked(text: str) -> Any:
    """What `packed` was given.

    Examples
    --------
    >>> unpacked(packed({"a": [1, None]}))
    {'a': [1, None]}
    """
    return json.loads(gzip.decompress(base64.b64decode(text)))
