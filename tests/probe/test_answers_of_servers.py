"""What is taken from the answers of servers, whatever they answer: their clients are scripts here."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.probe.seen import asked, listening, lost, values

CANARY = "Kanarienvogel"


def says(*answers: object) -> str:
    """A client that prints JSON or text, whatever it is asked."""
    return "".join(
        f"cat <<'END'\n{one if isinstance(one, str) else json.dumps(one)}\nEND\n" for one in answers
    )


def control(environment: object, status: object = None, users: object = ()) -> Mapping[str, str]:
    """A rabbitmqctl."""
    status = {"rabbitmq_version": "3.13.7", "listeners": []} if status is None else status
    cases = {"environment": environment, "status": status, "list_users": users}
    script = "".join(f"{name})\n{says(answer)};;\n" for name, answer in cases.items())
    return {"rabbitmqctl": f'test "$1 $3 $4" = "-q --formatter json" && case $2 in\n{script}esac\n'}


LISTENER = {"interface": "[::]", "port": 5672, "protocol": "amqp", "node": "a@b", "purpose": "AMQP"}


def test_a_broker_answers_in_json() -> None:
    rabbit = {
        "loopback_users": [],
        "ssl_options": {"versions": ["tlsv1.2"], "password": CANARY, "certfile": [47, 97]},
        "default_pass": CANARY,
        "connection_max": "infinity",
    }
    status = {"rabbitmq_version": "3.13.7", "listeners": [LISTENER], "cluster": CANARY}
    users = [{"user": "nova", "tags": ["administrator"], "password_hash": CANARY}]
    record = asked("rabbitmq", control({"rabbit": rabbit, CANARY: {CANARY: CANARY}}, status, users))

    assert (record["source"], record["version"], record["unseen"]) == ("running", "3.13.7", [])
    assert values(record) == {
        "loopback_users": "",
        "ssl_options.versions": "tlsv1.2",
        "ssl_options.certfile": "/a",
    }
    assert listening(record) == [("::", 5672, "amqp")]
    assert [(one["name"], one["tags"]) for one in record["accounts"]] == [("nova", ["administrator"])]
    assert CANARY not in repr(record)


def test_the_web_server_of_a_broker_listens_where_it_is_told_to() -> None:
    environment = {
        "rabbitmq_management": {"tcp_config": {"port": 15672, "ip": [49, 50, 55, 46, 48, 46, 48, 46, 49]}}
    }
    listener = {**LISTENER, "interface": "::", "port": 15672, "protocol": "http"}
    record = asked("rabbitmq", control(environment, {"listeners": [listener, LISTENER]}))

    assert listening(record) == [("127.0.0.1", 15672, "http"), ("::", 5672, "amqp")]


def test_what_stands_before_the_answer_is_noise() -> None:
    record = asked(
        "rabbitmq", control("warning: latin1\n" + json.dumps({"rabbit": {"loopback_users": ["guest"]}}))
    )

    assert values(record) == {"loopback_users": "guest"}


@pytest.mark.parametrize(
    ("clients", "reason"),
    [
        (control("Error: unable to connect to node"), "gave no JSON"),
        (control({"rabbit": 5}, []), "answered what we do not know"),
        (control({}, {"listeners": [5]}), "answered what we do not know"),
        (control({}, None, [{"name": "x"}]), "answered what we do not know"),
        ({"rabbitmqctl": "exit 69"}, "ended with 69"),
        ({"rabbitmqctl": "yes"}, "printed more than"),
        ({"rabbitmqctl": "kill -9 $$"}, "ended with -9"),
    ],
)
def test_a_broker_that_does_not_answer_is_judged_by_its_files(
    clients: Mapping[str, str], reason: str
) -> None:
    record = asked("rabbitmq", clients, {"rabbitmq.conf": "connection_max = 3"})

    assert record["source"] == "files"
    assert reason in record["unseen"][0]
    assert values(record) == {"connection_max": "3"}
    assert record["accounts"] is None


def test_a_client_that_hangs_is_ended() -> None:
    record = asked("rabbitmq", {"rabbitmqctl": "sleep 60"}, seconds=0.5)

    assert "had not ended when its time was over" in record["unseen"][0]


def test_a_host_without_the_client_is_judged_by_its_files() -> None:
    record = asked("mysql", {})

    assert record["source"] == "files"


def rows(*lines: tuple[str, ...]) -> Mapping[str, str]:
    return {"mariadb": says("\n".join("\t".join(line) for line in lines))}


def test_mariadb_answers_with_its_variables_and_private_accounts() -> None:
    record = asked(
        "mysql",
        rows(
            ("have_ssl", "YES"),
            ("version", "10.11.6-MariaDB"),
            ("bind_address", "*"),
            ("port", "3306"),
            ("init_connect", CANARY),
            ("private", "nova", "%", "NULL", "NULL", "mysql_native_password", "NULL"),
            ("private", "tls", "10.%", "1", "true", "ed25519", "NULL"),
            ("private", "shown", "%", "3", "NULL", "ed25519", "NULL"),
            ("private", "reader", "", "NULL", "NULL", "NULL", "1"),
            ("old", "nova", "%", "", "0", "mysql_native_password", "0"),
        ),
    )

    assert values(record) == {
        "have_ssl": "YES",
        "version": "10.11.6-MariaDB",
        "bind_address": "*",
        "port": "3306",
    }
    assert [(one["name"], one["tls"], one["locked"]) for one in record["accounts"]] == [
        ("nova", "none", False),
        ("tls", "any", True),
        ("shown", "x509", False),
    ]
    assert listening(record) == [("*", 3306, "mysql")]
    assert CANARY not in repr(record)


def test_mysql_answers_with_the_accounts_of_its_table() -> None:
    record = asked(
        "mysql",
        rows(
            ("ssl_cert", "server-cert.pem"),
            ("account", "nova", "%", "", "N", "caching_sha2_password", "0"),
            ("account", "tls", "%", "ANY", "N", "caching_sha2_password", "0"),
            ("account", "mysql.sys", "localhost", "", "Y", "caching_sha2_password", "0"),
            ("account", "shown", "%", "SPECIFIED", "N", "caching_sha2_password", "0"),
        ),
    )

    assert [(one["name"], one["tls"], one["locked"]) for one in record["accounts"]] == [
        ("nova", "none", False),
        ("tls", "any", False),
        ("mysql.sys", "none", True),
        ("shown", "x509", False),
    ]


def test_a_name_of_an_odd_form_is_withheld() -> None:
    odd = f"a {CANARY}"
    record = asked("mysql", rows(("private", odd, "%", "NULL", "NULL", "x", "NULL")))

    assert record["accounts"][0]["name"].startswith("REDACTED-")
    assert CANARY not in repr(record)


def test_accounts_that_may_not_be_read_are_said() -> None:
    record = asked("mysql", rows(("have_ssl", "YES")))

    assert (record["source"], record["accounts"]) == ("running", None)
    assert lost(record) == ["its user may not read the accounts"]


def test_a_refused_login_is_said_with_its_number() -> None:
    told = f"ERROR 1698 (28000): Access denied for user '{CANARY}'@'localhost'"
    record = asked("mysql", {"mariadb": f'echo "{told}" >&2; exit 1'})

    assert record["unseen"][0].endswith("ended with 1 (error 1698)")
    assert CANARY not in repr(record)


def test_its_client_is_given_nothing_but_what_it_needs() -> None:
    told = 'printf "socket\\t/%s/%s/%s\\n" "$HOME" "$(id -u)" "$1"; env | grep -q "^MYSQL" && echo "port\t1"; exit 0'
    record = asked("mysql", {"mariadb": told})

    assert str(values(record)["socket"]).startswith("//nonexistent/")
    assert str(values(record)["socket"]).endswith("/--no-defaults")


RULE: Mapping[str, Any] = {
    "line_number": 3,
    "type": "hostssl",
    "database": ["all"],
    "user_name": ["nova", "placement"],
    "address": "10.0.0.0",
    "netmask": "255.0.0.0",
    "auth_method": "ldap",
    "options": [f"ldapbindpasswd={CANARY}", "clientcert=verify-ca"],
    "error": None,
}

HBA = ["s", "hba_file", "/etc/pg_hba.conf", None, None]


def test_postgresql_answers_in_json() -> None:
    client = says(
        ["s", "ssl", "on", "/etc/postgresql.conf", 7],
        ["s", "server_version", "16.4 (Debian 16.4-1)", None, None],
        ["s", "ssl_passphrase_command", CANARY, None, None],
        HBA,
        ["a", "postgres", True],
        ["a", "nova", False],
        ["h", RULE],
        ["h", {**RULE, "file_name": "/etc/more.conf", "rule_number": 9, "options": None}],
    )
    record = asked("postgresql", {"psql": client})
    hba = [one for one in record["settings"] if one["name"].startswith("hba.")]

    assert (record["source"], record["version"], record["unseen"]) == ("running", "16.4", [])
    assert [(one["value"], one["path"], one["line"]) for one in hba] == [
        ("hostssl all nova,placement 10.0.0.0 255.0.0.0 ldap clientcert=verify-ca", "/etc/pg_hba.conf", 3),
        ("hostssl all nova,placement 10.0.0.0 255.0.0.0 ldap", "/etc/more.conf", 3),
    ]
    assert [(one["name"], one["tags"]) for one in record["accounts"]] == [
        ("postgres", ["superuser"]),
        ("nova", []),
    ]
    assert CANARY not in repr(record)


def test_a_record_that_postgresql_does_not_take_is_said() -> None:
    record = asked("postgresql", {"psql": says(HBA, ["h", {**RULE, "error": CANARY}])})

    assert values(record)["hba.1"] is None
    assert lost(record) == ["/etc/pg_hba.conf:3: the server does not take this record"]
    assert CANARY not in repr(record)


def test_a_postgresql_that_does_not_show_its_list_says_so() -> None:
    record = asked("postgresql", {"psql": says(HBA)})

    assert lost(record) == ["it did not show the records of pg_hba.conf"]


@pytest.mark.parametrize("answer", ["[]", '["s"]', '["h", 5]', "[5", '["a"]', '["s", "ssl", {}]', "\x00[1]"])
def test_answers_of_another_form_do_not_end_the_probe(answer: str) -> None:
    record = asked("postgresql", {"psql": says(answer)})

    assert record["unseen"] != []
    assert all(isinstance(value, (str, type(None))) for value in values(record).values())
