"""The project's own files, and what each of them imports; for the tests that hold the shape of the house."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_NOT_OURS = {".git", ".venv", "data", "node_modules", "__pycache__"}


class Import(NamedTuple):
    """One import statement: the module, and whether it stands inside a function."""

    module: str
    is_lazy: bool


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the project, relative to its root: what git knows or would add, else what is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
    return tuple(sorted(name for name in names if (ROOT / name).is_file() and not _is_foreign(name)))


def _is_foreign(name: Path) -> bool:
    return any(part in _NOT_OURS or part.endswith("_cache") for part in name.parts)


@cache
def python_files() -> tuple[Path, ...]:
    """Return the Python files outside of tests."""
    return tuple(name for name in files() if name.suffix == ".py" and name.parts[0] != "tests")


def place(name: Path) -> str:
    """Return the folder that a file belongs to or, for one at the root, its stem."""
    return name.parts[0] if len(name.parts) > 1 else name.name.removesuffix(".py").removesuffix(".conf")


@cache
def imports(name: Path) -> tuple[Import, ...]:
    """Return what a file imports, `from a import b` as `a.b` too, since b may be a module."""
    return tuple(_imports(ast.parse((ROOT / name).read_text()), is_lazy=False))


def _imports(node: ast.AST, *, is_lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, is_lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = child.module or ""
            yield Import(module, is_lazy)
            yield from (Import(f"{module}.{alias.name}", is_lazy) for alias in child.names)
        else:
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, is_lazy=is_lazy or is_function)
