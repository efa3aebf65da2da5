"""Every package is pinned, with all that it needs, in the file of those who need it."""

import re
import sys
from importlib.metadata import packages_distributions, requires, version

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.source import ROOT, imports, place, python_files

PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)(?:; ([^#]+?))?(?: +# .+)?")
HERE = {"extra": ""}
OLDEST = {"extra": "", "python_version": "3.11", "python_full_version": "3.11.0"}


def pins(file: str, python: dict[str, str] = HERE) -> dict[str, str]:
    """Return the pinned version of each package that a requirement file names for this Python, or another one."""
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    matches = [PIN.fullmatch(line) for line in lines]
    assert all(matches), f"{file}: a line is not name==version, with an optional condition and reason"
    wanted = [match for match in matches if match and (not match[3] or Marker(match[3]).evaluate(python))]
    return {canonicalize_name(match[1]): match[2] for match in wanted}


RUNTIME = pins("requirements.txt")
ALL = RUNTIME | pins("requirements-dev.txt")


@pytest.mark.parametrize("python", [HERE, OLDEST], ids=["here", "oldest"])
@pytest.mark.parametrize(
    "files", [["requirements.txt"], ["requirements.txt", "requirements-dev.txt"]], ids=["run", "dev"]
)
def test_what_a_package_needs_is_pinned_with_it(files: list[str], python: dict[str, str]) -> None:
    pinned = {name for file in files for name in pins(file, python)}
    needed = {
        (name, canonicalize_name(requirement.name))
        for name in pinned & ALL.keys()
        for requirement in map(Requirement, requires(name) or [])
        if requirement.marker is None or requirement.marker.evaluate(python)
    }
    assert [f"{name} needs {other}" for name, other in sorted(needed) if other not in pinned] == []


def test_the_tests_run_on_the_pinned_versions() -> None:
    assert {name: version(name) for name in ALL} == ALL


def test_no_package_is_pinned_twice() -> None:
    assert RUNTIME.keys() & pins("requirements-dev.txt").keys() == set()


def test_what_the_platform_imports_is_among_the_runtime_requirements() -> None:
    ours = {place(file) for file in python_files()}
    used = {module.partition(".")[0] for name in python_files() for module, _ in imports(name)}
    providers = packages_distributions()
    foreign = {top: providers.get(top, []) for top in used - ours - set(sys.stdlib_module_names)}
    assert [top for top, found in foreign.items() if not RUNTIME.keys() & set(map(canonicalize_name, found))] == []
