"""`make setup` makes a virtual environment once, and says in one line what is missing for it."""

import subprocess
import sys
from pathlib import Path

from tests.source import ROOT

INSTALL = str(ROOT / "supervisor" / "install.py")


def install(folder: Path, *files: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run it in `folder`; `before` is Python that changes what it finds."""
    found = f"import runpy, sys; sys.argv = [{INSTALL!r}, *{files!r}]; {before}"
    code = f"{found}\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=100)


def test_it_installs_when_the_requirements_changed_or_the_last_time_failed_and_only_then(tmp_path: Path) -> None:
    runtime, dev = tmp_path / "runtime.txt", tmp_path / "dev.txt"
    runtime.write_text("# nothing\n")
    dev.write_text("-r runtime.txt\n")

    first = install(tmp_path, "runtime.txt")
    assert first.returncode == 0, first.stderr
    assert "Making .venv" in first.stdout and "Installing runtime.txt" in first.stdout
    assert install(tmp_path, "runtime.txt").stdout == ""

    with_dev = install(tmp_path, "runtime.txt", "dev.txt").stdout
    assert "Making" not in with_dev and "Installing runtime.txt and dev.txt" in with_dev
    assert install(tmp_path, "runtime.txt").stdout == ""

    runtime.write_text("./no-such-folder\n")
    failed = install(tmp_path, "runtime.txt")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("setup: the packages could not be installed")
    runtime.write_text("# still nothing\n")
    assert "Installing" in install(tmp_path, "runtime.txt").stdout
    assert "Installing" in install(tmp_path, "runtime.txt", "dev.txt").stdout


def test_an_old_python_is_one_line_that_says_how_to_name_another(tmp_path: Path) -> None:
    refused = install(tmp_path, "runtime.txt", before="sys.version_info = (3, 9, 1)")
    assert refused.returncode == 1
    assert refused.stderr.startswith("setup: Python 3.9 ") and "PYTHON=" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_python_without_venv_is_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    refused = install(tmp_path, "runtime.txt", before="sys.modules['ensurepip'] = None")
    assert refused.returncode == 1
    assert "no venv module; on Debian or Ubuntu: apt install python3-venv" in refused.stderr
    assert refused.stderr.count("\n") == 1
