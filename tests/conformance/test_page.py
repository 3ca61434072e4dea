"""The page about conformance says what the recorded truths say today."""

from docs.conformance import page
from docs.generate import CONFORMANCE, ROOT


def test_the_page_is_what_the_truths_make_of_it() -> None:
    assert (ROOT / CONFORMANCE).read_text() == page(), "run `make docs` and commit the result"
