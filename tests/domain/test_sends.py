"""The tag of our own sends."""

import pytest

from domain.sends import SendTag

TAG = SendTag("mfzwizltoq2gi33nmfuw4zdp", 41, "n0nce_-A")


def test_a_tag_is_read_as_it_was_written() -> None:
    assert str(TAG) == "md:mfzwizltoq2gi33nmfuw4zdp:41:n0nce_-A"
    assert SendTag.parse(str(TAG)) == TAG


@pytest.mark.parametrize(
    "text",
    [
        "",
        "campaign-7",
        "md:",
        "md:somebody:41:n0nce_-A",
        "md:mfzwizltoq2gi33nmfuw4zdp:x:n0nce_-A",
        "md:mfzwizltoq2gi33nmfuw4zdp:41:short",
        "md:mfzwizltoq2gi33nmfuw4zdp:41:" + "n" * 33,
        f"{TAG}\n",
        f" {TAG}",
    ],
)
def test_somebody_elses_metadata_is_not_a_tag(text: str) -> None:
    assert SendTag.parse(text) is None
