import pytest

from auditor.errors import Undecidable
from auditor.semantics import outages
from auditor.semantics.outages import Ending
from tests.semantics.build import CA, service, withheld


def test_a_timeout_turns_a_line_in_the_log_into_an_exception() -> None:
    found = service({("placement", "timeout"): 10})

    assert outages.of_silence(found) == Ending("ConnectTimeout")
    assert outages.of_refusal(found) == Ending("ConnectFailure", is_caught=True)


def test_without_a_timeout_silence_never_ends() -> None:
    assert outages.of_silence(service()) == Ending(None)
    assert outages.of_silence(service(), from_start=True) == Ending(None, is_at_start=True)


def test_nothing_catches_what_happens_where_the_client_is_made() -> None:
    found = service({("placement", "timeout"): 10})

    assert outages.of_silence(found, from_start=True) == Ending("DiscoveryFailure", is_at_start=True)
    assert outages.of_refusal(found, from_start=True) == Ending("DiscoveryFailure", is_at_start=True)


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_call_is_made_with_a_timeout_of_zero_or_less(timeout: int) -> None:
    found = outages.of_refusal(service({("placement", "timeout"): timeout}))

    assert found == Ending("ValueError", is_at_start=True)


def test_a_file_of_authorities_that_is_not_there_is_no_trouble_of_connecting() -> None:
    options = {("placement", "cafile"): "/nowhere.pem"}

    assert outages.of_refusal(service(options)) == Ending("OSError", is_at_start=True)
    assert outages.of_refusal(service({("placement", "cafile"): CA})).is_caught


@pytest.mark.parametrize(
    ("option", "value"), [("insecure", True), ("endpoint_override", "http://placement.example:8778")]
)
def test_a_missing_file_matters_only_where_it_is_opened(option: str, value: object) -> None:
    found = service({("placement", "cafile"): "/nowhere.pem", ("placement", option): value})

    assert outages.of_refusal(found).is_caught


def test_an_interface_that_does_not_exist_disables_placement() -> None:
    found = service({("placement", "valid_interfaces"): ("internalURL",)})

    assert outages.of_silence(found) == Ending("ServiceDisabledException")


def test_a_withheld_timeout_cannot_be_told() -> None:
    with pytest.raises(Undecidable, match="timeout"):
        outages.of_silence(service({("placement", "timeout"): withheld()}))
