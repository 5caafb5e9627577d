"""Writing files that are complete or absent, and a private folder for what is only kept while the process runs."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_LOCK = "in use"
_PREFIX = "clvmodels-"
# Locks that belong to the open file: writers that lock on their own (HDF5) or close the file don't meet them.
_SET_LOCK = getattr(fcntl, "F_OFD_SETLK", None)
_LONG_AGO = 86_400.0  # seconds; where there are no such locks, what is older has been left behind


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path``, which replaces it if the block ends without an error and is removed otherwise.

    Whoever reads ``path`` sees the old file or the new one, never half of one. A file that is replaced hands on its
    permissions. A pipe or a device is not replaced but written to, once everything is there. What a process that was
    killed left behind is removed when the same file is written again.

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
    if is_stream(path):
        with _streamed(Path(path)) as part:
            yield part
        return
    target = Path(os.path.realpath(path))
    stem = f".{target.name[:100]}"
    for begun in (stem, f"tmp_{stem}"):  # DuckDB writes to a file of its own beside the part first
        _remove_abandoned(target.parent, begun)
    part = target.with_name(f"{stem}.{secrets.token_hex(4)}.part")  # in another folder it could be on another disk
    with _claimed(part, target):
        try:
            yield part
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def held_alone(file: Path) -> Iterator[bool]:
    """Whether this process, and no other one, holds a file while the block runs; it is made if it isn't there.

    Where there are no locks that end with the process (macOS, Windows), everybody is told yes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with held_alone(pathlib.Path(tempfile.mkdtemp()) / "lock") as alone:
    ...     alone
    True
    """
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield _SET_LOCK is None or _hold(descriptor)
    finally:
        os.close(descriptor)


def swap_in(new: Path, path: Path) -> None:
    """Put a folder in the place of another one, or of none, at once; what was there stands where the new one was.

    Parameters
    ----------
    new : pathlib.Path
        The folder, on the same disk.
    path : pathlib.Path
        Where it is to be.
    """
    if not path.exists():
        with suppress(FileExistsError, OSError):  # another process was first
            os.rename(new, path)
            return
    if path.exists() and _exchange(new, path):
        return
    if path.exists():  # the system can't exchange them: for a moment there is neither
        os.rename(path, new.with_name(f"{new.name}.old"))
    os.rename(new, path)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names at once, where the system can."""
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    here = -100  # AT_FDCWD: names are relative to the working folder
    return call is not None and call(here, os.fsencode(one), here, os.fsencode(other), 2) == 0


def is_stream(path: str | Path) -> bool:
    """Whether this is a pipe or a device, such as ``/dev/stdout``, rather than a file that can be replaced.

    Examples
    --------
    >>> import os
    >>> is_stream(os.devnull), is_stream("not there.csv")
    (True, False)
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@cache
def private_folder() -> Path:
    """A folder that only this user can read, which goes away with the process.

    Folders of processes that were killed are removed by the next process that asks for one.

    Examples
    --------
    >>> private_folder().stat().st_mode & 0o777 == 0o700
    True
    """
    above = Path(tempfile.gettempdir())
    for folder in above.glob(f"{_PREFIX}*"):
        if not folder.is_symlink() and (folder / _LOCK).is_file() and _is_abandoned(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _hold(os.open(folder / _LOCK, os.O_CREAT | os.O_WRONLY, 0o600))  # stays open until the process ends
    atexit.register(_remove_own, folder, os.getpid())
    return folder


def _remove_own(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked process has the folder of its parent
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _streamed(target: Path) -> Iterator[Path]:
    """A file in the private folder, copied to a pipe or device if the block ends without an error."""
    part = private_folder() / f"{secrets.token_hex(4)}.part"
    try:
        yield part
        with part.open("rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _claimed(part: Path, target: Path) -> Iterator[None]:
    """The part, made with the permissions of what it replaces, and marked as in use while the block runs."""
    old = target.stat() if target.exists() else None
    mode = 0o666 if old is None else stat.S_IMODE(old.st_mode)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        _hold(descriptor)
        if old is not None and fcntl is not None:
            with suppress(PermissionError):  # of another user's file, whose folder is ours
                os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Mark an open file as in use, if nobody else has; the mark goes away with the process, however it ends."""
    if _SET_LOCK is None:
        return False
    whole = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        fcntl.fcntl(descriptor, _SET_LOCK, whole)
    except OSError:
        return False
    return True


def _is_abandoned(file: Path) -> bool:
    """Whether no process writes this file any more."""
    try:
        if _SET_LOCK is None:
            return time.time() - file.stat().st_mtime > _LONG_AGO
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        return _hold(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(folder: Path, stem: str) -> None:
    """Remove the parts of a file that a process left behind when it was killed."""
    for part in folder.iterdir() if folder.is_dir() else ():
        if part.name.startswith(f"{stem}.") and part.name.endswith(".part") and _is_abandoned(part):
            with suppress(OSError):
                part.unlink()
