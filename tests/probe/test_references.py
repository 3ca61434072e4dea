"""Files that a configuration points at are looked at, whatever points at them."""

import time
from pathlib import Path

import pytest

from auditor.probe import filesystem, gather, order, redact, references, roots, schema, services, view
from tests.probe.hosts import evidence

PEM = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"
FILES = {
    "/srv/ca.pem": PEM,
    "/srv/cert.pem": PEM,
    "/srv/key.pem": "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n",
    "/srv/my.cnf": "!include /srv/more.cnf\n!includedir /srv/my.cnf.d\n[client]\nssl-ca = /srv/ca.pem\n",
    "/srv/more.cnf": "[client]\nssl-key = /srv/key.pem\n",
    "/srv/my.cnf.d/a.cnf": "[client]\n",
    "/srv/pair.cnf": "[server]\nssl-key = /srv/other.pem\n[client]\nssl-cert = /srv/cert.pem\ntls_key = /srv/key.pem\n",
    "/srv/certs/x.0": PEM,
    "/srv/logging.conf": "[loggers]\nkeys = root\n",
    "/etc/nova/policy.yaml": '"x": "@"\n',
    "/etc/nova/policy.d/a.yaml": '"x": "@"\n',
    "/etc/nova/api-paste.ini": "[filter:authtoken]\npassword = hunter2\n",
    "/var/lib/nova/.postgresql/root.crt": PEM,
}


def looked_at(root: Path, text: str, environment: str = "") -> dict[str, str]:
    """What was looked at beside the configuration, with its format where it was read, else its status."""
    unit = f"[Service]\nUser=nova\nEnvironment={environment}\nExecStart=/usr/bin/nova-conductor\n"
    document = evidence(
        root, {**FILES, "/etc/nova/nova.conf": text, "/lib/systemd/system/nova-conductor.service": unit}
    )
    (service,) = document["services"]
    files = {
        path: document["files"][key]
        for path, key in service["paths"].items()
        if path != "/etc/nova/nova.conf"
    }
    return {
        path: item["format"] if item["status"] == "read" else item["status"] for path, item in files.items()
    }


ALWAYS = {"policy.yaml": "policy", "/etc/nova/policy.yaml": "policy", "/etc/nova/policy.d/a.yaml": "policy",
          "api-paste.ini": "paste", "/etc/nova/api-paste.ini": "paste"}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[DEFAULT]\n[oslo_messaging_rabbit]\nssl_ca_file = /srv/$placement.password\n[placement]\npassword = hunter2\n",
        "[DEFAULT]\nreport_interval = hunter2\n[oslo_messaging_rabbit]\nssl_ca_file = /srv/$report_interval\n",
        "[database]\nconnection = mysql://u:p@h/hunter2\n[placement]\ncafile = /srv/$database.connection\n",
        "[oslo_policy]\npolicy_file = /etc/nova/policy.yaml hunter2\n",
        "[wsgi]\napi_paste_config = api-paste.ini hunter2\n",
    ],
)
def test_no_path_holds_what_does_not_leave(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "".join(looked_at(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[oslo_messaging_rabbit]\nssl_ca_file = /srv/ca.pem\n", {"/srv/ca.pem": "pem"}),
        ("[DEFAULT]\ntransport_url = rabbit://u:p@h/?ssl=1&ssl_ca_file=/srv/ca.pem#x\n", {"/srv/ca.pem": "pem"}),
        ("[DEFAULT]\ntransport_url = rabbit://u:p@h/?ssl_ca_file=/srv/a&ssl_ca_file=/srv/b\n",
         {"/srv/a": "absent", "/srv/b": "absent", "/srv/a,/srv/b": "absent"}),
        ("[oslo_messaging_notifications]\ntransport_url = kafka://h/?ssl_cafile=/srv/ca.pem&ssl_client_key_file=/srv/key.pem\n",
         {"/srv/ca.pem": "pem", "/srv/key.pem": "metadata"}),
        ("[oslo_messaging_rabbit]\nssl_ca_file = /srv/none.pem\n", {"/srv/none.pem": "absent"}),
        ("[oslo_messaging_rabbit]\nssl_ca_file = /srv\n", {"/srv": "metadata"}),
        ("[oslo_messaging_rabbit]\nssl_ca_file = '/srv/ca.pem'\n", {"/srv/ca.pem": "pem"}),
        ("[oslo_messaging_rabbit]\nssl_key_file = /srv/key.pem\n", {"/srv/key.pem": "metadata"}),
        ("[oslo_messaging_rabbit]\nssl_cert_file = /srv/key.pem\n", {"/srv/key.pem": "metadata"}),
        ("[keystone_authtoken]\ncafile = /srv/ca.pem\n[placement]\ncertfile = /srv/cert.pem\nkeyfile = /srv/key.pem\n",
         {"/srv/ca.pem": "pem", "/srv/cert.pem": "pem", "/srv/key.pem": "metadata"}),
        ("[DEFAULT]\ncert = /srv/cert.pem\nkey = /srv/key.pem\n", {"/srv/cert.pem": "pem", "/srv/key.pem": "metadata"}),
        ("[vnc]\nvencrypt_ca_certs = /srv/ca.pem\nvencrypt_client_key = /srv/key.pem\n", {"/srv/ca.pem": "pem", "/srv/key.pem": "metadata"}),
        ("[DEFAULT]\nstate_path = /srv\n[placement]\ncafile = $state_path/ca.pem\n", {"/srv/ca.pem": "pem"}),
        ("[placement]\ncafile = $no_such/ca.pem\n", {}),
        ("[DEFAULT]\ntransport_url = rabbit://n:p@h/?ssl_ca_file=/srv/ca.pem\n", {"/srv/ca.pem": "pem"}),
        ("[database]\nconnection = mysql+pymysql://n:p@h/n?ssl_ca=/srv/ca.pem&ssl_key=%2Fsrv%2Fkey.pem&ssl_capath=/srv/certs\n",
         {"/srv/ca.pem": "pem", "/srv/key.pem": "metadata", "/srv/certs": "metadata"}),
        ("[database]\nconnection_parameters = ssl_ca=/srv/ca.pem\n", {"/srv/ca.pem": "pem"}),
        ("[database]\nslave_connection = mysql+pymysql://h/n?read_default_file=/srv/my.cnf\n",
         {"/srv/my.cnf": "my.cnf", "/srv/more.cnf": "my.cnf", "/srv/my.cnf.d/a.cnf": "my.cnf", "/srv/ca.pem": "pem", "/srv/key.pem": "metadata"}),
        ("[api_database]\nconnection = postgresql://h/n?sslrootcert=/srv/ca.pem\n",
         {"/srv/ca.pem": "pem", "/var/lib/nova/.postgresql/root.crt": "pem", "/var/lib/nova/.postgresql/postgresql.crt": "absent", "/var/lib/nova/.postgresql/postgresql.key": "absent"}),
        ("[DEFAULT]\nlog_config_append = /srv/logging.conf\n", {"/srv/logging.conf": "logging"}),
        ("[DEFAULT]\nlog_dir = /srv/log\nlog_file = nova.log\n", {"/srv/log": "absent", "nova.log": "absent", "/srv/log/nova.log": "absent"}),
    ],
)  # fmt: skip
def test_what_options_name_is_looked_at(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert looked_at(tmp_path, text) == {**ALWAYS, **expected}


def test_what_an_option_file_names_is_looked_at_however_it_is_written(tmp_path: Path) -> None:
    option_file = "[client]\n  ssl_ca = /srv/ca.pem\n\ttls-key=/srv/key.pem\n"
    conf = "[database]\nconnection = mysql://h/n?read_default_file=/srv/odd.cnf\n"
    document = evidence(tmp_path, {**FILES, "/srv/odd.cnf": option_file, "/etc/nova/nova.conf": conf})

    assert {"/srv/odd.cnf", "/srv/ca.pem", "/srv/key.pem"} <= set(document["files"])


def test_a_group_alone_is_looked_for_where_the_drivers_look(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "[database]\nconnection = mysql://h/n?read_default_group=nova\n")

    assert found == {**ALWAYS, "/etc/my.cnf": "absent", "/etc/mysql/my.cnf": "absent"}


def test_what_the_environment_names_is_looked_at(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "", "OS_PLACEMENT__CAFILE=/srv/ca.pem SSL_CERT_FILE=/srv/cert.pem")

    assert found == {**ALWAYS, "/srv/ca.pem": "pem", "/srv/cert.pem": "pem"}


def test_what_the_environment_names_for_libpq_is_looked_at(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "", "PGSSLROOTCERT=/srv/ca.pem PGSSLKEY=/srv/key.pem")

    assert found == {**ALWAYS, "/srv/ca.pem": "pem", "/srv/key.pem": "metadata"}


def test_of_a_folder_of_certificates_the_hashed_names_are_sent_and_no_other(tmp_path: Path) -> None:
    url = "[database]\nconnection = mysql+pymysql://u:p@h/d?ssl_capath=/srv/hashed\n"
    content = {"/srv/hashed/0a1b2c3d.0": PEM, "/srv/hashed/0a1b2c3d.r0": PEM, "/srv/hashed/hunter2.pem": PEM}
    folder = evidence(tmp_path, {"/etc/nova/nova.conf": url, **content})["files"]["/srv/hashed"]

    assert (folder["format"], folder["status"], folder["text"]) == ("folder", "metadata", "0a1b2c3d.0")


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "[database]\nconnection = mysql://h/n?sslkey=/srv/certs&sslcrl=/srv/ca.pem\n")

    assert found == {**ALWAYS, "/srv/certs": "not-regular", "/srv/ca.pem": "pem"}


def test_a_policy_file_of_another_name_is_found_beside_the_configuration(tmp_path: Path) -> None:
    found = looked_at(
        tmp_path, "[oslo_policy]\npolicy_file = mine.yaml\n[wsgi]\napi_paste_config = /srv/none.ini\n"
    )

    assert found["mine.yaml"] == "absent"
    assert found["/srv/none.ini"] == "absent"


def test_a_key_is_never_read(tmp_path: Path) -> None:
    document = evidence(tmp_path, {**FILES, "/etc/nova/nova.conf": "[placement]\nkeyfile = /srv/key.pem\n"})

    assert document["files"]["/srv/key.pem"]["text"] is None
    assert document["files"]["/srv/key.pem"]["size"] == len(FILES["/srv/key.pem"])


def paired(root: Path, text: str, environment: str = "") -> list[tuple[str, str]]:
    """The certificates of a service with their keys, as keys of files."""
    root.mkdir(exist_ok=True)
    for path, content in {**FILES, "/etc/nova/nova.conf": text}.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    budget = filesystem.Budget(time.monotonic() + 60, 1000, 1 << 20)
    tree = roots.Roots(filesystem.Tree(str(root), budget))
    gathered = gather.Gathered(tree, redact.Redactor(schema.load(), b"salt"), shows_owners=False)
    variables = dict(pair.split("=") for pair in environment.split())
    seen = view.View(tree)
    definition = services.Definition("nova-conductor", "nova", "plain", seen, environment=variables)
    found = order.order("nova", "nova-conductor", [], variables, "/var/lib/nova", False, seen)
    followed = references.References(definition, found, "/var/lib/nova", gathered, gathered.redactor.schema)
    followed.follow()
    return followed.pairs()


PAIR = ("/srv/cert.pem", "/srv/key.pem")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[oslo_messaging_rabbit]\nssl_cert_file = /srv/cert.pem\nssl_key_file = /srv/key.pem\n", [PAIR]),
        ("[oslo_messaging_rabbit]\nkombu_ssl_certfile = /srv/cert.pem\nkombu_ssl_keyfile = /srv/key.pem\n", [PAIR]),
        ("[oslo_messaging_rabbit]\nssl_cert_file = /srv/cert.pem\n", [("/srv/cert.pem", "/srv/cert.pem")]),
        ("[oslo_messaging_rabbit]\nssl_key_file = /srv/key.pem\nssl_ca_file = /srv/ca.pem\n", []),
        ("[oslo_messaging_kafka]\nssl_client_cert_file = /srv/cert.pem\nssl_client_key_file = /srv/key.pem\n", [PAIR]),
        ("[placement]\ncertfile = /srv/cert.pem\nkeyfile = /srv/key.pem\n", [PAIR]),
        ("[keystone_authtoken]\ncertfile = /srv/cert.pem\nkeyfile = /srv/key.pem\n", [PAIR]),
        ("[placement]\ncertfile = /srv/cert.pem\n[neutron]\nkeyfile = /srv/key.pem\n", [("/srv/cert.pem", "/srv/cert.pem")]),
        ("[DEFAULT]\ncert = /srv/cert.pem\nkey = /srv/key.pem\n", [PAIR]),
        ("[wsgi]\nssl_cert_file = /srv/cert.pem\nssl_key_file = /srv/key.pem\n", [PAIR]),
        ("[vnc]\nvencrypt_client_cert = /srv/cert.pem\nvencrypt_client_key = /srv/key.pem\nvencrypt_ca_certs = /srv/ca.pem\n", [PAIR]),
        ("[DEFAULT]\nstate_path = /srv\n[placement]\ncertfile = $state_path/cert.pem\nkeyfile = $state_path/key.pem\n", [PAIR]),
        ("[placement]\ncertfile = $no_such/cert.pem\nkeyfile = /srv/key.pem\n", []),
        ("[placement]\ncertfile = /srv/x.pem\n[placement]\ncertfile = /srv/cert.pem\nkeyfile = /srv/key.pem\n", [PAIR]),
        ("[database]\nconnection = mysql+pymysql://h/x?ssl_cert=/srv/cert.pem&ssl_key=/srv/key.pem\n", [PAIR]),
        ("[database]\nconnection = mysql+pymysql://h/x?ssl_cert=/srv/cert.pem\n", [("/srv/cert.pem", "/srv/cert.pem")]),
        ("[database]\nconnection_parameters = ssl_cert=/srv/cert.pem&ssl_key=/srv/key.pem\n", [PAIR]),
        ("[DEFAULT]\ntransport_url = rabbit://h/?ssl_cert_file=/srv/cert.pem&ssl_key_file=/srv/key.pem\n", [PAIR]),
        ("[database]\nconnection = postgresql://h/x?sslcert=/srv/cert.pem&sslkey=/srv/key.pem&sslrootcert=/srv/ca.pem\n",
         [PAIR, ("/var/lib/nova/.postgresql/postgresql.crt", "/var/lib/nova/.postgresql/postgresql.key")]),
        ("[database]\nconnection = postgresql://h/x?sslcert=/srv/cert.pem\n",
         [("/var/lib/nova/.postgresql/postgresql.crt", "/var/lib/nova/.postgresql/postgresql.key")]),
        ("[database]\nconnection = mysql://h/x?read_default_file=/srv/pair.cnf\n", [PAIR]),
        ("[DEFAULT]\ndebug = true\n", []),
    ],
)  # fmt: skip
def test_a_certificate_is_paired_with_the_key_that_is_named_beside_it(
    tmp_path: Path, text: str, expected: list[tuple[str, str]]
) -> None:
    assert sorted(paired(tmp_path, text)) == sorted(expected)


def test_variables_of_libpq_name_a_pair_too(tmp_path: Path) -> None:
    assert paired(tmp_path, "", "PGSSLCERT=/srv/cert.pem PGSSLKEY=/srv/key.pem") == [PAIR]
    assert paired(tmp_path, "", "PGSSLCERT=/srv/cert.pem") == []
