"""The numbers of this process: in memory, from `keep` on in a file that others read and that outlives a kill."""

import mmap
import threading
from array import array
from bisect import bisect_left
from pathlib import Path

from measures import files
from measures.catalogue import LAYOUT, MEASURED, PLACES, SIZE, Metric


class Numbers:
    """Shared by the threads of a process. Each number is written whole: a kill leaves no rubbish behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cells = memoryview(bytearray(SIZE * files.NUMBER_BYTES)).cast("d")
        self._folder: Path | None = None
        self._file: mmap.mmap | None = None  # holds the lock on the file

    def keep(self, folder: Path, kind: str) -> None:
        """Go on in a file of `folder`, where there may be numbers of a process before. Raises OSError."""
        file = files.take(folder, kind, LAYOUT, SIZE)
        cells = memoryview(file).cast("d")
        with self._lock:
            for metric in MEASURED:
                for start in PLACES[metric.name].values():
                    for place in range(start, start + metric.cells):
                        before = 0.0 if metric.kind == "gauge" else cells[place]
                        cells[place] = before + self._cells[place]
            self._cells, self._folder, self._file = cells, folder, file

    def count(self, metric: Metric, *words: str) -> None:
        """Count one."""
        place = _place(metric, words)
        with self._lock:
            self._cells[place] += 1

    def observe(self, metric: Metric, seconds: float, *words: str) -> None:
        """Add a duration to a histogram."""
        place = _place(metric, words)
        bucket, total = place + bisect_left(metric.bounds, seconds), place + len(metric.bounds) + 1
        with self._lock:
            self._cells[bucket] += 1
            self._cells[total] += seconds

    def set(self, metric: Metric, value: float) -> None:
        """Say how much there is now."""
        self._cells[_place(metric, ())] = value

    def read_all(self) -> list[files.Kept]:
        """Return the numbers of every process that keeps them where this one does; only our own without a folder."""
        if self._folder is None:
            return [files.Kept("", True, array("d", self._cells.tobytes()))]
        return list(files.read_all(self._folder, LAYOUT, SIZE))


def _place(metric: Metric, words: tuple[str, ...]) -> int:
    places = PLACES[metric.name]
    place = places.get(words)
    return places[metric.known(words)] if place is None else place
