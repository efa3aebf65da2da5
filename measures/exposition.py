"""The numbers as Prometheus reads them; the only place that knows its library."""

import platform
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from measures.catalogue import BUILD_INFO, MEASURED, OTHER, PLACES, PROCESSES, PROCESSES_NOW, Kind, Metric
from measures.files import Kept

#: The newest release stands in its first heading.
CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def expose(kept: list[Kept], looked_up: Mapping[Metric, float]) -> bytes:
    """Return the text. looked_up: gauges of which there is one value."""
    return generate_latest(_Everything(kept, looked_up))


class _Everything(Collector):
    def __init__(self, kept: list[Kept], looked_up: Mapping[Metric, float]) -> None:
        self._kept, self._looked_up = kept, looked_up

    def collect(self) -> Iterator[Family]:
        for metric in MEASURED:
            yield self._measured(metric)
        processes = _gauge(PROCESSES_NOW)
        for kind in PROCESSES:
            processes.add_metric([kind], sum(one.kind == kind and one.is_alive for one in self._kept))
        yield processes
        info = GaugeMetricFamily(BUILD_INFO.name, BUILD_INFO.help, labels=("release", "python"))
        info.add_metric([_release(), platform.python_version()], 1)
        yield info
        for metric, value in self._looked_up.items():
            yield GaugeMetricFamily(metric.name, metric.help, value)

    def _measured(self, metric: Metric) -> Family:
        family = _FAMILIES[metric.kind](metric)
        # What a dead process had of something, nobody has any more; what it counted stays.
        counted = [one.numbers for one in self._kept if one.is_alive or metric.kind != "gauge"]
        for words, place in PLACES[metric.name].items():
            cells = [sum(numbers[place + i] for numbers in counted) for i in range(metric.cells)]
            if OTHER in words and not any(cells):
                continue
            if isinstance(family, HistogramMetricFamily):
                ends = (*map(str, metric.bounds), "+Inf")
                family.add_metric(words, list(zip(ends, accumulate(cells[:-1]), strict=True)), cells[-1])
            else:
                family.add_metric(words, cells[0])
        return family


def _counter(metric: Metric) -> CounterMetricFamily:
    return CounterMetricFamily(metric.name, metric.help, labels=metric.label_names)


def _histogram(metric: Metric) -> HistogramMetricFamily:
    return HistogramMetricFamily(metric.name, metric.help, labels=metric.label_names)


def _gauge(metric: Metric) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.label_names)


_FAMILIES: dict[Kind, Callable[[Metric], CounterMetricFamily | HistogramMetricFamily | GaugeMetricFamily]] = {
    "counter": _counter,
    "histogram": _histogram,
    "gauge": _gauge,
}


def _release() -> str:
    try:
        heading = next(line for line in CHANGELOG.read_text().splitlines() if line.startswith("## "))
    except (OSError, StopIteration):
        return "unknown"
    return heading.removeprefix("## ").strip().lower()
