"""Where the processes of one machine keep their numbers: one small file for each, all in one folder.

A process takes the first file of its kind that nobody has and goes on counting in it. The lock on the file says who has
it, and the kernel takes that away however a process ends. So nothing is lost by a kill, nothing has to be cleaned up,
and there are never more files than processes lived at once.
"""

import fcntl
import hashlib
import mmap
import os
import stat
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NUMBER_BYTES = 8
#: More than processes ever run on one machine; then something is wrong with the locks.
MOST_FILES = 4096
#: In memory where there is such a folder: a slow disk would stall who counts.
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Kept:
    """The numbers of one process, or of the last one that had the file."""

    kind: str
    is_alive: bool
    numbers: "array[float]"


def default_folder(data_dir: Path) -> Path:
    """Return the folder of this user's processes that share a DATA_DIR, whatever they run it for."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    name = hashlib.sha256(str(data_dir.absolute()).encode()).hexdigest()[:12]
    return place / f"markdone-{os.getuid()}-{name}"


def take(folder: Path, kind: str, layout: str, size: int) -> mmap.mmap:
    """Return the file of this process, `size` numbers long; it is ours until the process ends. Raises OSError."""
    _make(folder)
    _drop_other_layouts(folder, kind, layout)
    for number in range(MOST_FILES):
        path = folder / f"{kind}-{layout}-{number}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            if _try_lock(descriptor, fcntl.LOCK_EX) and _is_there(path, descriptor):
                _fill(descriptor, size * NUMBER_BYTES)
                return mmap.mmap(descriptor, size * NUMBER_BYTES)  # has a descriptor of its own, which keeps the lock
        finally:
            os.close(descriptor)
    raise OSError(f"all of {MOST_FILES} files are taken")


def read_all(folder: Path, layout: str, size: int) -> Iterator[Kept]:
    """Yield what the processes of this layout counted, those that ended too."""
    for path in sorted(folder.glob(f"*-{layout}-*")):
        with suppress(OSError), path.open("rb") as stream:
            data = stream.read(size * NUMBER_BYTES)
            if len(data) == size * NUMBER_BYTES:
                is_alive = not _try_lock(stream.fileno(), fcntl.LOCK_SH)
                yield Kept(path.name.partition("-")[0], is_alive, array("d", data))


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.parent in (_MEMORY, Path(tempfile.gettempdir())) and not (
        stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    ):
        raise PermissionError("it is somebody else's")  # anybody can make a folder of that name there


def _drop_other_layouts(folder: Path, kind: str, layout: str) -> None:
    for path in folder.glob(f"{kind}-*"):
        if path.name.startswith(f"{kind}-{layout}-"):
            continue
        with suppress(OSError), path.open("rb") as stream:
            if _try_lock(stream.fileno(), fcntl.LOCK_EX):
                path.unlink()


def _try_lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    """Tell whether nobody removed the file between our opening and our locking it."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _fill(descriptor: int, size_bytes: int) -> None:
    """Write zeros to the end: on a full disk that is an error here, and a crash in a file with holes."""
    length = os.fstat(descriptor).st_size
    missing = size_bytes - length
    if missing > 0 and os.pwrite(descriptor, bytes(missing), length) != missing:
        raise OSError("the disk is full")
