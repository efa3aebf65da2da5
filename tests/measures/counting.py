"""Processes that count, for tests that kill them."""

import subprocess
import sys
from pathlib import Path

from measures.catalogue import LAYOUT, SIZE
from measures.exposition import expose
from measures.files import read_all
from tests.measures.scraped import Scraped
from tests.servers import ROOT

_COUNT = """
import sys
from pathlib import Path
import measures
measures.start(sys.argv[2], Path(sys.argv[1]))
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


class Counting:
    """A process that keeps its numbers in `folder` and does what it is told."""

    def __init__(self, folder: Path, kind: str = "web") -> None:
        words = [sys.executable, "-c", _COUNT, str(folder), kind]
        self.process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.tell("pass")

    def tell(self, line: str) -> None:
        """Run a line of Python in it, and wait until it has."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        """Like kill -9."""
        self.process.kill()
        self.process.communicate()


def scrape(folder: Path) -> Scraped:
    return Scraped(expose(list(read_all(folder, LAYOUT, SIZE)), {}).decode())
