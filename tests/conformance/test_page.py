"""The page about conformance says what the recorded truths say today."""

import pytest

from docs.conformance import page
from docs.generate import CONFORMANCE, ROOT


# It needs nothing but time: it replays every truth, which the fast tests do release by release already.
@pytest.mark.real
def test_the_page_is_what_the_truths_make_of_it() -> None:
    assert (ROOT / CONFORMANCE).read_text() == page(), "run `make docs` and commit the result"
