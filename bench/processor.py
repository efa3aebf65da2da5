"""Processor time of what was started, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path

#: Linux shows processor time in hundredths of a second, whatever its own clock is.
TICKS_PER_S = 100
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Used:
    """Processor time in milliseconds: in the program itself, and in the kernel for it."""

    user_ms: float
    system_ms: float

    @property
    def total_ms(self) -> float:
        return self.user_ms + self.system_ms

    def __sub__(self, other: "Used") -> "Used":
        return Used(self.user_ms - other.user_ms, self.system_ms - other.system_ms)


def can_tell() -> bool:
    """Tell whether this system shows processor time where we look."""
    return (_PROC / "self" / "stat").exists()


def used_by(group: int) -> Used:
    """Return what a process that we started and its children have used so far; zero where nobody can tell."""
    user = system = 0
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[2]) == group:
            user, system = user + int(fields[11]), system + int(fields[12])
    return Used(user * 1000 / TICKS_PER_S, system * 1000 / TICKS_PER_S)
