"""Starts the programs in order, starts again what dies, and stops all of it in reverse order."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from supervisor.console import say, show
from supervisor.guard import Guard
from supervisor.problems import StartError
from supervisor.processes import Process, Program

_LOOK_EVERY_S = 0.1
_STILL_WAITING_EVERY_S = 10.0


class Supervisor:
    """One run. `programs` are in the order in which they need each other."""

    def __init__(self, programs: Sequence[Program], children_lock: int, *, lives_with_parent: bool) -> None:
        """lives_with_parent: stop when the process that started us is gone (make: killed, it takes nobody along)."""
        self._processes = [Process(program, children_lock) for program in programs]
        self._started: list[Process] = []
        self._parent = os.getppid() if lives_with_parent else None
        self._stop_reason = ""

    def run(self, make_ready_text: Callable[[], str]) -> None:
        """Start everything, show `make_ready_text()` once, keep it running until a signal says stop; stop everything.

        Raises: StartError when a program does not come up.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._guard = Guard()
        try:
            if self._start_all():
                show(make_ready_text())
                while not self._is_stopping():
                    self._tend()
        finally:
            self._stop_all()

    def _start_all(self) -> bool:
        for process in self._processes:
            if self._is_stopping():
                return False
            self._start(process)
            if not self._wait_for(process):
                return False
            self._started.append(process)
            say(process.program.announcement, name=process.program.name)
        return True

    def _wait_for(self, process: Process) -> bool:
        program, began_at = process.program, time.monotonic()
        next_line_at = began_at + _STILL_WAITING_EVERY_S
        while not process.has_died():
            if program.is_ready():
                return True
            if self._is_stopping():
                return False
            if time.monotonic() - began_at > program.ready_wait_s:
                raise StartError(
                    f"{program.name} did not answer within {program.ready_wait_s:g} s: see its lines above"
                )
            if time.monotonic() > next_line_at:
                say(f"still waiting for {program.name}")
                next_line_at += _STILL_WAITING_EVERY_S
            self._tend()
        raise StartError(f"{program.name} did not start ({process.how_it_ended()}): see its lines above")

    def _tend(self) -> None:
        for process in self._started:
            if process.has_died():
                pid, what = process.bury()
                self._guard.forget(pid)
                say(f"{process.program.name} died ({what})")
            if process.is_due():
                self._start(process)
        self._guard.check()
        time.sleep(_LOOK_EVERY_S)

    def _start(self, process: Process) -> None:
        self._guard.watch(process.start())

    def _stop_all(self) -> None:
        say(f"stopping{self._stop_reason}")
        for process in reversed(self._processes):
            self._guard.forget(process.stop())
        self._guard.close()
        say("stopped")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_reason = f" ({signal.Signals(number).name})"

    def _is_stopping(self) -> bool:
        if self._parent is not None and os.getppid() != self._parent:
            self._stop_reason = self._stop_reason or " (make, which started it, is gone)"
        return bool(self._stop_reason)
