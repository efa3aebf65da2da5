"""Numbers outlive the process that counted them, and neither they nor their files multiply."""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from measures import default_folder, files
from measures.catalogue import LAYOUT, MEASURED, OTHER, PLACES, SENDS, SIZE, TURN_SECONDS_TAKEN
from measures.numbers import Numbers
from tests.measures.counting import Counting, scrape

WEBHOOK = "measures.count_webhook('facebook', 'ok', 0.003)"


@pytest.fixture
def started() -> Iterator[list[Counting]]:
    """Every process that a test adds is ended with it."""
    processes: list[Counting] = []
    yield processes
    for process in processes:
        process.kill()


def test_what_a_killed_process_counted_stays_and_its_successor_goes_on_in_the_same_file(
    tmp_path: Path, started: list[Counting]
) -> None:
    for count in range(1, 6):
        process = Counting(tmp_path)
        started.append(process)
        process.tell(WEBHOOK)
        process.kill()
        found = scrape(tmp_path)
        assert found["markdone_webhooks_total"] == found["markdone_webhook_seconds_count"] == count
        assert found["markdone_webhook_seconds_sum"] == pytest.approx(0.003 * count)
        assert found.of("markdone_process_starts_total", kind="web") == count
        assert len(list(tmp_path.iterdir())) == 1


def test_processes_that_live_at_once_have_a_file_each_and_are_summed(tmp_path: Path, started: list[Counting]) -> None:
    started += [Counting(tmp_path), Counting(tmp_path), Counting(tmp_path, "worker")]
    for process in started:
        process.tell(WEBHOOK)
    found = scrape(tmp_path)
    assert found["markdone_webhooks_total"] == 3
    assert (found.of("markdone_processes", kind="web"), found.of("markdone_processes", kind="worker")) == (2, 1)
    assert len(list(tmp_path.iterdir())) == 3
    started[1].kill()
    found = scrape(tmp_path)
    assert found["markdone_webhooks_total"] == 3 and found.of("markdone_processes", kind="web") == 1


def test_what_a_dead_process_had_is_gone_with_it(tmp_path: Path, started: list[Counting]) -> None:
    started += [Counting(tmp_path), Counting(tmp_path)]
    for number, process in enumerate(started, start=3):
        process.tell(f"measures.set_streams({number})")
    assert scrape(tmp_path)["markdone_live_streams"] == 7
    started[1].kill()
    assert scrape(tmp_path)["markdone_live_streams"] == 3
    started.append(Counting(tmp_path))
    assert scrape(tmp_path)["markdone_live_streams"] == 3


def test_what_was_counted_before_there_was_a_folder_is_not_lost(tmp_path: Path) -> None:
    numbers = Numbers()
    numbers.count(SENDS, "viber", "sent")
    numbers.keep(tmp_path, "worker")
    assert scrape(tmp_path).of("markdone_sends_total", channel="viber", outcome="sent") == 1


def test_threads_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    numbers = Numbers()
    numbers.keep(tmp_path, "worker")

    def count() -> None:
        for _ in range(2000):
            numbers.count(SENDS, "viber", "sent")
            numbers.observe(TURN_SECONDS_TAKEN, 0.5)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = scrape(tmp_path)
    assert found["markdone_sends_total"] == found["markdone_turn_seconds_count"] == 16_000
    assert found["markdone_turn_seconds_sum"] == 8_000


def test_a_file_of_another_layout_goes_once_nobody_has_it(tmp_path: Path) -> None:
    other, workers = tmp_path / "web-0badc0de-0", tmp_path / "worker-0badc0de-0"
    held = files.take(tmp_path, "web", "0badc0de", 3)
    workers.write_bytes(bytes(24))
    Numbers().keep(tmp_path, "web")
    assert other.exists()
    held.close()
    Numbers().keep(tmp_path, "web")
    assert not other.exists() and workers.exists()


def test_a_file_that_is_too_short_is_filled_and_read_by_nobody_before(tmp_path: Path) -> None:
    path = tmp_path / f"web-{LAYOUT}-0"
    path.write_bytes(bytes(11))
    assert list(files.read_all(tmp_path, LAYOUT, SIZE)) == []
    Numbers().keep(tmp_path, "web")
    assert path.stat().st_size == SIZE * files.NUMBER_BYTES and len(list(tmp_path.iterdir())) == 1


def test_a_file_has_no_holes_that_a_full_disk_could_not_fill(tmp_path: Path) -> None:
    files.take(tmp_path, "web", LAYOUT, 4096)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_blocks * 512 >= 4096 * files.NUMBER_BYTES


def test_a_full_disk_is_noticed_at_the_start_and_the_process_counts_for_itself(
    tmp_path: Path, started: list[Counting]
) -> None:
    """In a file with holes it would be noticed by a crash, later."""
    process = Counting(tmp_path / "first")
    started.append(process)
    process.tell("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))")
    process.tell(f"measures.NUMBERS = measures.Numbers(); measures.start('web', Path({str(tmp_path / 'full')!r}))")
    process.tell(WEBHOOK)
    process.tell("assert sum(measures.NUMBERS.read_all()[0].numbers) > 0")
    assert scrape(tmp_path / "full").samples.get(("markdone_webhooks_total", frozenset())) is None
    assert scrape(tmp_path / "full")["markdone_webhooks_total"] == 0


def test_a_folder_that_cannot_be_used_is_named_in_the_log_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import measures

    monkeypatch.setattr(measures, "NUMBERS", Numbers())
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.ERROR):
        measures.start("web", tmp_path / "file" / "folder")
    assert "METRICS_DIR" in caplog.text and str(tmp_path / "file") in caplog.text
    measures.count_send("viber", "sent")
    assert sum(measures.NUMBERS.read_all()[0].numbers) == 2


def test_the_usual_folder_is_the_same_for_all_who_share_a_data_directory_and_nobody_elses(tmp_path: Path) -> None:
    folder = default_folder(tmp_path / "data")
    assert folder == default_folder(tmp_path / "data") != default_folder(tmp_path / "other")
    assert str(os.getuid()) in folder.name and not folder.is_relative_to(tmp_path)


def test_a_folder_that_somebody_else_made_in_a_public_place_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    (tmp_path / "trap").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "trap")
    with pytest.raises(PermissionError):
        Numbers().keep(tmp_path / "link", "web")
    Numbers().keep(tmp_path / "trap", "web")
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    with pytest.raises(PermissionError):
        Numbers().keep(tmp_path / "trap", "web")


def test_places_do_not_overlap() -> None:
    taken = [
        place
        for metric in MEASURED
        for start in PLACES[metric.name].values()
        for place in range(start, start + metric.cells)
    ]
    assert sorted(taken) == list(range(SIZE)) and len(MEASURED) == len(PLACES)


@pytest.mark.parametrize("words", [("telegram", "sent"), ("viber", "\n} 9"), ("", "x" * 9999)])
def test_a_word_that_is_in_no_list_is_counted_as_other(tmp_path: Path, words: tuple[str, str]) -> None:
    numbers = Numbers()
    numbers.keep(tmp_path, "worker")
    assert OTHER not in scrape(tmp_path).text
    numbers.count(SENDS, *words)
    found = scrape(tmp_path)
    assert found["markdone_sends_total"] == 1 and OTHER in found.text and "telegram" not in found.text
    assert len(list(tmp_path.iterdir())) == 1
