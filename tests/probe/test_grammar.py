"""The grammars of plain values."""

import pytest

from auditor.probe import grammar
from auditor.releases.allowed import GRAMMARS

FITTING = [
    ("boolean", "true Yes 0 OFF"),
    ("integer", "0 -5 +5 1_000"),
    ("float", "1 0.5 .5 5. 1e3 -1.5E-3 nan -inf Infinity 1_0.2_5e1_0"),
    ("port", "0 65535 +443 8_774 000443"),
    ("ip", "10.0.0.1 ::1 2001:db8::1"),
    ("host", "node1 node1.example:5672 10.0.0.1:11211 [::1]:11211 [fe80::1%eth0] ::1 inet6:[::1]:11211 unix:/run/memcached.sock"),
    ("word", "nova messagingv2 a/b:c@d+e=f 50%"),
    ("path", "/var/log/nova/nova.log relative.pem ~/.my.cnf /x/a=b,c:d@e+f"),
    ("files", "api-paste.ini;nova.conf /a"),
    ("cpus", "0-3,^2 4"),
    ("ciphers", "ECDHE+AESGCM:!aNULL:@STRENGTH TLS_AES_256_GCM_SHA384"),
    ("logger", "amqp=WARN sqlalchemy.engine=info oslo.messaging=CRITICAL amqp=30"),
    ("pair", "a=b a:b x86_64=q35"),
    ("target", "name@http://h:80/x name@https://[::1]/"),
]  # fmt: skip
UNFIT = [
    ("boolean", "t y enabled 2 True1"),
    ("integer", "5.0 0x10 10s None _1 1__0 \u0661 1234567890123456789012345"),
    ("float", "1e 5.0.0 nano . 1__0 _1 1._5 infinit \u0661 1234567890123456789012345"),
    ("port", "5672/ 0x50 http _1"),
    ("ip", "10.0.0 10.0.0.256 node1 10.0.0.1/24"),
    ("host", "u:p@h user:pw,x -x h:port [x] h:123456"),
    ("word", "a;b a,b a#b 'a' ä " + "x" * 129),
    ("path", "a;b 'a' /a|b /ä " + "x" * 513),
    ("cpus", "a 1;2"),
    ("ciphers", "A/B A;B"),
    ("logger", "amqp amqp=LOUD hunter2=DEBUG =DEBUG amqp=DEBUG=INFO amqp=1234"),
    ("pair", "a a= =b a=b=c u:p@h"),
    ("target", "http://h/ n@http://u:p@h/ n@http://h/?a=b n@ftp://h/"),
]


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in FITTING for value in values.split()]
)
def test_a_value_fits_its_grammar(kind: str, value: str) -> None:
    assert grammar.fits(value, (kind,))


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in UNFIT for value in values.split()]
)
def test_a_value_of_another_form_does_not(kind: str, value: str) -> None:
    assert not grammar.fits(value, (kind,))


@pytest.mark.parametrize("kind", sorted(GRAMMARS - {"url", "pairs"}))
def test_every_grammar_takes_the_empty_value_and_no_credentials(kind: str) -> None:
    assert grammar.fits("", (kind,))
    assert not grammar.fits("x://user:pw@host/", (kind,))
    assert not grammar.fits("a\nb", (kind,))


@pytest.mark.parametrize("kind", sorted(GRAMMARS - {"url", "pairs"}))
def test_every_grammar_that_is_listed_takes_something(kind: str) -> None:
    values = {
        **{kind: values.split()[0] for kind, values in FITTING},
        "phrase": "a b",
        "text": "%(message)s, [x]",
        "literal": "(sys.stdout,)",
    }

    assert grammar.fits(values[kind], (kind,))


def test_words_may_have_single_spaces_in_a_phrase() -> None:
    assert grammar.fits("cors authtoken app", ("phrase",))
    assert not grammar.fits("cors  authtoken", ("phrase",))
    assert not grammar.fits(" cors", ("phrase",))


def test_a_text_is_printable_and_no_url() -> None:
    assert grammar.fits("%(asctime)s [ä] {x} 'y'", ("text",))
    assert not grammar.fits("a\tb", ("text",))
    assert not grammar.fits("http://h", ("text",))


def test_lists_and_choices_judge_their_items() -> None:
    assert grammar.fits("a, b,,c", ("list", "word"))
    assert not grammar.fits("a, b c", ("list", "word"))
    assert grammar.fits("KVM", ("enum", "kvm", "qemu"))
    assert not grammar.fits("xen", ("enum", "kvm", "qemu"))
    assert grammar.fits("kvm,qemu", ("list", "enum", "kvm", "qemu"))


def test_a_grammar_that_nobody_wrote_takes_nothing() -> None:
    assert not grammar.fits("x", ("unheard-of",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$a/x", "x/x"),
        ("${a}/x", "x/x"),
        ("$b", None),
        ("$a$b", None),
        ("$1", "$1"),
        ("$$b", "$$b"),
        ("\\$b", "$$b"),
        ("x", "x"),
    ],
)
def test_references_are_taken_out(value: str, expected: str | None) -> None:
    assert grammar.without_references(value, lambda key: key == "a") == expected
