"""Reads what a scrape answered, as Prometheus would."""

from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Scraped:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        families = list(text_string_to_metric_families(text))
        self.names = {family.name for family in families}
        self.samples: Samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def __getitem__(self, name: str) -> float:
        """Return the sum of all samples of a name."""
        found = [value for (sample, _), value in self.samples.items() if sample == name]
        assert found, f"{name} is not there"
        return sum(found)

    def of(self, name: str, **labels: str) -> float:
        """Return one sample."""
        return self.samples[name, frozenset(labels.items())]

    def labels(self, name: str) -> set[frozenset[tuple[str, str]]]:
        """Return the labels of every sample of a name."""
        return {labels for sample, labels in self.samples if sample == name}
