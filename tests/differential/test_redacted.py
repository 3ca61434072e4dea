"""What the probe sends comes to what nova makes of the original, or to less, but never to anything else."""

import pytest

from tests.differential.comparison import differences, read

CHUNK = 100


@pytest.mark.parametrize("start", range(0, len(read("sets.json.gz")), CHUNK))
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_redaction_makes_no_other_value_of_a_set(release: str, start: int) -> None:
    cases = read("sets.json.gz")[start : start + CHUNK]

    found = [line for case in cases for line in differences(case, release, is_redacted=True)]

    assert not found, "\n".join(found)
