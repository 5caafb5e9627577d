"""Writing files that are complete or absent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path``, which replaces it if the block ends without an error and is removed otherwise.

    Whoever reads ``path`` sees the old file or the new one, never half of one.

    Parameters
    ----------
    path : str or pathlib.Path
        The file to write; of a symbolic link, what it points to is replaced.

    Yields
    ------
    pathlib.Path
        Where to write.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
    >>> with whole_file(path) as part:
    ...     _ = part.write_text("all of it")
    >>> path.read_text(), [file.name for file in path.parent.iterdir()]
    ('all of it', ['note.txt'])
    """
    target = Path(os.path.realpath(path))
    # The writer makes the file, so that it has the permissions of any new file; another folder could be another disk.
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
