"""What `make run` promises: everything up in order, what dies comes back, nothing is left behind, nothing is lost."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Store
from tests.supervisor.project import Project, eventually, made
from tests.web.signed_in import add_user

WORKER_WITH_A_LAST_CALL = """
import os, signal, sys, time, urllib.request

def answer(port):
    return urllib.request.urlopen(f"http://127.0.0.1:{os.environ[port]}/", timeout=5).status

def stop(*_):
    time.sleep(0.5)  # a turn that has to end
    print(f"web answers {answer('PORT')}, sandbox answers {answer('SANDBOX_PORT')}")
    sys.exit()

signal.signal(signal.SIGTERM, stop)
time.sleep(600)
"""


@pytest.fixture
def project() -> Iterator[Project]:
    # A short path, unlike pytest's own: the private server's socket has its usual place then.
    with tempfile.TemporaryDirectory(prefix="md-") as folder, made(Path(folder).resolve()) as project:
        yield project


def test_a_fresh_start_brings_everything_up_in_order_and_says_once_where_to_look(project: Project) -> None:
    run = project.start_until_up()
    run.wait_for("Ctrl-C")
    assert project.count() == 1
    ready = re.findall(r"^(\w+) +│ (?:ready|started)", run.output, re.MULTILINE)
    assert ready == ["store", "web", "sandbox", "worker"]
    assert run.output.count("Markdone is up") == 1
    for hint in (f"http://127.0.0.1:{project.sandbox_port}/", "./data/secrets/api_token", "docs/connect.md"):
        assert hint in run.output


def test_the_platform_itself_comes_up_with_nothing_configured_and_goes_without_a_trace(tmp_path: Path) -> None:
    with made(tmp_path, has_stand_ins=False) as project:
        run = project.start_until_up()
        assert project.get(project.port, "/readyz")
        assert b"<html" in project.get(project.sandbox_port, "/")
        assert "died" not in run.output
        assert run.end(signal.SIGINT) == 0
        assert project.survivors() == []


def test_the_first_starts_print_a_link_for_the_owner_and_each_voids_the_one_before(tmp_path: Path) -> None:
    with made(tmp_path, has_stand_ins=False) as project:
        links = []
        for _ in range(2):
            run = project.start_until_up()
            links.append(run.wait_for("sign in").split("sign in")[1].strip())
            assert b"first owner" in project.get(project.port, "/link" + links[-1].partition("/link")[2])
            if len(links) < 2:
                run.end()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            project.get(project.port, "/link" + links[0].partition("/link")[2])
        store = Store(project.environment("REDIS_URL"), partitions=16, max_connections=2, timeout_s=5)
        add_user(store)
        run.end()
        assert links[0] not in run.output
        assert project.start_until_up().wait_for("sign in").endswith(f":{project.port}/\n")


def test_ctrl_c_stops_all_of_it_and_a_second_start_finds_what_was_kept(project: Project) -> None:
    run = project.start_until_up()
    project.count()
    assert run.end(signal.SIGINT) == 0
    assert project.survivors() == []
    project.start_until_up()
    assert project.count() == 2


def test_the_worker_stops_first_so_that_its_last_calls_are_still_answered(project: Project) -> None:
    project.write("worker.py", WORKER_WITH_A_LAST_CALL)
    run = project.start_until_up()
    assert run.end(signal.SIGINT) == 0
    assert "web answers 200, sandbox answers 200" in run.output
    assert "died" not in run.output


def test_kill_9_leaves_no_orphan(project: Project) -> None:
    run = project.start_until_up()
    assert project.survivors()
    run.end(signal.SIGKILL)
    assert eventually(lambda: project.survivors() == [])


def test_a_start_right_after_kill_9_waits_for_what_still_stops_and_finds_what_was_kept(project: Project) -> None:
    run = project.start_until_up()
    project.count()
    run.end(signal.SIGKILL)
    project.start_until_up()
    assert project.count() == 2


@pytest.mark.parametrize("victim", ["web", "worker"])
def test_a_process_that_dies_is_named_and_started_again(project: Project, victim: str) -> None:
    run = project.start_until_up()
    before = project.pid(victim)
    group = os.getpgid(before)
    os.killpg(group, signal.SIGKILL)
    assert "signal 9, SIGKILL; starting it again in 0.2 s" in run.wait_for(f"{victim} died")
    assert eventually(lambda: project.pid(victim) not in (0, before))
    assert project.pid("worker") and run.process.poll() is None


def test_a_process_that_keeps_dying_is_started_less_and_less_often(project: Project) -> None:
    project.write("worker.py", "import time; time.sleep(0.6); raise SystemExit(3)")
    run = project.start_until_up()
    told = r"worker died \(exit code 3; starting it again in ([\d.]+) s\)"
    # In all of its output: the first death may come before the run says that it is up.
    assert eventually(lambda: len(re.findall(told, run.output)) >= 3)
    assert re.findall(told, run.output)[:3] == ["0.2", "0.4", "0.8"]


def test_the_store_comes_back_with_its_data_while_web_and_worker_live_on(project: Project) -> None:
    run = project.start_until_up()
    project.count()
    web, worker = project.pid("web"), project.pid("worker")
    os.kill(_store_pid(project), signal.SIGKILL)
    run.wait_for("store died")
    assert eventually(lambda: _counts(project))
    assert project.count() == 3
    assert (web, worker) == (project.pid("web"), project.pid("worker"))


def test_a_path_too_long_for_a_socket_and_with_a_space_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("a folder with a long name " * 4).strip()
    folder.mkdir()
    with made(folder) as project:
        run = project.start_until_up()
        assert project.count() == 1
        socket_folder = Path(project.environment("REDIS_URL").removeprefix("unix://")).parent
        assert socket_folder.is_dir()
        run.end()
        assert not socket_folder.exists()


def test_a_program_that_cannot_start_ends_the_run_with_its_words_and_ours(project: Project) -> None:
    project.write("app.py", "raise RuntimeError('the reason that web gives')")
    run = project.start()
    assert run.result() == 1
    words = run.output.index("the reason that web gives")
    assert words < run.output.index("web did not start (exit code")
    assert project.survivors() == []


@pytest.mark.parametrize("setting", ["PORT", "SANDBOX_PORT"])
def test_a_busy_port_is_one_line_that_names_the_setting(project: Project, setting: str) -> None:
    port = int(project.environ[setting])
    with socket.create_server(("127.0.0.1", port)):
        run = project.start()
        assert run.result() == 1
    assert run.output == (
        f"run: port {port} is in use by another program: set {setting} to another one, in .env or before make run\n"
    )


def test_a_port_that_two_of_them_need_is_one_line_and_nothing_is_started(project: Project) -> None:
    agents_port = str(project.sandbox_port + 1)
    run = project.start(PORT=agents_port)
    assert run.result() == 1
    assert run.output.startswith(f"run: port {agents_port} is needed by PORT and by SANDBOX_PORT (its agent")
    assert run.output.count("\n") == 1


def test_commands_beside_a_run_find_its_ports_and_nothing_secret(project: Project) -> None:
    project.start_until_up()
    ports = (project.environment("PORT"), project.environment("SANDBOX_PORT"))
    assert ports == (str(project.port), str(project.sandbox_port))
    secrets = [file.read_text().strip() for file in (project.data / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in (project.data / "run.env").read_text()]


def test_bad_settings_are_one_line_each_and_nothing_is_started(project: Project) -> None:
    run = project.start(WEB_THREADS="many", FACEBOOK_PAGES="no-page")
    assert run.result() == 1
    lines = run.output.splitlines()
    assert all(line.startswith("run: setting ") for line in lines)
    assert {"WEB_THREADS", "FACEBOOK_PAGES"} <= {line.split()[2].rstrip(":") for line in lines}
    assert not project.data.exists()


def test_a_data_directory_that_cannot_be_made_is_one_line(project: Project) -> None:
    run = project.start(DATA_DIR=str(project.folder / "run.py" / "data"))
    assert run.result() == 1
    assert run.output.startswith("run: ") and run.output.endswith("set DATA_DIR to a folder of yours\n")
    assert run.output.count("\n") == 1


def test_a_second_run_on_the_same_data_says_who_has_it_and_disturbs_nobody(project: Project) -> None:
    first = project.start_until_up()
    second = project.start()
    assert second.result() == 1
    assert f"(process {first.process.pid})" in second.output and second.output.count("\n") == 1
    assert project.count() == 1


def test_a_missing_package_is_one_line_that_says_make_run(project: Project) -> None:
    run = project.start_as([sys.executable, "-S", "run.py"])  # without site-packages
    assert run.result() == 1
    assert run.output.startswith("run: the package ") and "make run" in run.output
    assert run.output.count("\n") == 1


def test_secrets_are_made_once_for_this_user_only_and_stand_in_no_command_line(project: Project) -> None:
    run = project.start_until_up()
    files = sorted((project.data / "secrets").iterdir())
    secrets = {file.name: file.read_text().strip() for file in files}
    assert {"secret_key", "api_token"} <= set(secrets)
    assert len(set(secrets.values())) == len(secrets)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((project.data / "secrets").stat().st_mode) == 0o700
    processes = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "supervisor.guard" in processes
    assert not [name for name, secret in secrets.items() if secret in processes + run.output]
    run.end()
    project.start_until_up()
    assert {file.name: file.read_text().strip() for file in files} == secrets


def test_it_stops_when_the_make_that_started_it_is_killed(project: Project) -> None:
    make = "import subprocess, sys; subprocess.run([sys.executable, 'run.py'])"
    run = project.start_as([sys.executable, "-c", make], MAKELEVEL="1")
    run.wait_for("Markdone is up")
    run.end(signal.SIGKILL)
    assert eventually(lambda: project.survivors() == [])


def _store_pid(project: Project) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(project.data / "store" / "valkey.sock"))
        connection.sendall(b"INFO server\r\n")
        found = re.search(rb"process_id:(\d+)", connection.recv(65536))
    assert found
    return int(found[1])


def _counts(project: Project) -> bool:
    try:
        return project.count() > 1
    except OSError:
        return False
