"""A real RabbitMQ: one broker with a listener for each face, which Nova may log in to."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.servers.process import free_ports, owned_folder, put, run, running, surroundings

USER = "rabbitmq"
PROGRAMS = Path("/usr/lib/rabbitmq/bin")


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that runs: face to port, and how to ask it."""

    ports: Mapping[str, int]
    folder: Path
    environment: Mapping[str, str]

    def ask(self, *arguments: str) -> str:
        """What rabbitmqctl says (a call takes about two seconds)."""
        command, _ = self.question(*arguments)
        return run(command, USER, self.folder, self.environment)

    def question(self, *arguments: str) -> tuple[Sequence[str], Mapping[str, str]]:
        """The command of rabbitmqctl and its whole environment."""
        command = [str(PROGRAMS / "rabbitmqctl"), "--quiet", *arguments]
        return command, surroundings(self.folder, self.environment)


@contextmanager
def started(faces: Mapping[str, Path | None], login: str, password: str) -> Iterator[Broker]:
    """A broker. ``faces`` maps a face to the certificate and key of its listener, or to None: it has no TLS."""
    with owned_folder(USER) as folder:
        epmd, distribution, plain, *encrypted = free_ports(3 + len(faces))
        configuration = put(
            folder / "rabbitmq.conf",
            f"listeners.tcp.1 = 127.0.0.1:{plain}\ndefault_user = {login}\ndefault_pass = {password}\n"
            "log.console = true\nlog.console.level = info\nlog.file = false\n",
            USER,
        )
        environment = {
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": "conformance@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
        }
        names = ["epmd", "-port", str(epmd), "-address", "127.0.0.1", "-d"]
        server = PROGRAMS / "rabbitmq-server"
        with (
            running(names, USER, folder, {}, "epmd running", signal.SIGKILL),
            running([server], USER, folder, environment, "Server startup complete", signal.SIGKILL),
        ):
            ports, listeners = {}, []
            for face, port in zip(faces, encrypted, strict=True):
                certificate = faces[face]
                ports[face] = plain if certificate is None else port
                if certificate is not None:
                    own = put(folder / f"{face}.pem", certificate.read_text(), USER)
                    listeners.append(f'{{{port}, "{own}"}}')
            broker = Broker(ports, folder, environment)
            # The listeners of a broker's configuration share one certificate; this is how it starts them.
            broker.ask(
                "eval",
                '[ok = rabbit_networking:start_ssl_listener({"127.0.0.1", Port}, [{certfile, File}, {keyfile, File}, '
                f"{{verify, verify_none}}], 1) || {{Port, File}} <- [{', '.join(listeners)}]].",
            )
            yield broker
