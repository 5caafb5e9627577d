"""Types of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]
type Places = NDArray[np.intp]
