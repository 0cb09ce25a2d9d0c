"""A real Mosquitto on loopback, and everything that may happen to a broker."""

import asyncio
import gc
import os
import shutil
import signal
import socket
import subprocess
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import trustme

from tests.broker_client import NAME, PATIENCE, SECRET, BrokerClient
from tests.ports import HOST, free_port
from tests.programs import DIES_WITH_US, must_have, until

PROGRAM = shutil.which("mosquitto")
Limits = Mapping[str, object]
RELOADED = "Reloading config"
CONFIGURATION = """
user {user}
persistence false
log_dest file {folder}/mosquitto.log
log_type all
allow_anonymous {anonymous}
password_file {folder}/passwords
acl_file {folder}/acl
listener {observed} {host}
listener {port} {host}
"""
ENCRYPTED = """
certfile {folder}/server.pem
keyfile {folder}/server.key
"""


class Broker(BrokerClient):
    """Mosquitto's process, which keeps nothing over its end.

    It lets anybody in until `set_password`, and lets them do anything until `allow_only`.
    `limits` are lines of mosquitto.conf: {"max_connections": 1, "message_size_limit": 1000}.
    """

    def __init__(self, folder: Path, *, tls: bool = False, limits: Limits | None = None) -> None:
        self._observed = free_port()
        super().__init__(self._observed)
        self.host, self.port = HOST, free_port()
        self.ca_certificate = folder / "ca.pem"
        self._folder = folder
        self._limits = limits or {}
        self._is_anonymous = True
        self._tls = tls
        self._process: Process | None = None
        self._write_certificates()
        self._write_passwords()
        self._write_rules("readwrite #")

    async def start(self) -> None:
        """Start with nothing retained, and wait until it lets clients in."""
        assert PROGRAM
        self._write_configuration()
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*DIES_WITH_US, PROGRAM, "-c", self._folder / "mosquitto.conf"), stderr=log
            )
        await until(self._listens, bool)
        await self.connect()

    async def stop(self) -> None:
        """Stop it as the system would: clients are told."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Stop, and start empty."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Keep every connection open, and answer nobody until `thaw`."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    async def set_password(self, username: str | None, password: str = "") -> None:
        """Let in nobody but this user (anybody: None); at once, where it was so at the start.

        Who is connected with something else is thrown out.
        """
        self._is_anonymous = username is None
        self._write_configuration()
        self._write_passwords(*([] if username is None else [(username, password)]))
        await self._reload()

    async def allow_only(self, *rules: str) -> None:
        """Allow clients this alone, at once: "read #", "write utec_gateway/#", "deny x/#"."""
        self._write_rules(*rules)
        await self._reload()

    def log(self) -> str:
        """Return what Mosquitto said so far."""
        return (self._folder / "mosquitto.log").read_text("utf-8", "replace")

    async def _reload(self) -> None:
        async def reloads() -> int:
            return self.log().count(RELOADED)

        if self._process:
            before = await reloads()
            self._process.send_signal(signal.SIGHUP)
            await until(reloads, lambda after: after > before)

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for each in (how, signal.SIGCONT):
            process.send_signal(each)
        async with asyncio.timeout(PATIENCE):
            await process.wait()
        await self.disconnect()

    def _send(self, what: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(what)

    async def _listens(self) -> bool:
        assert self._process
        assert self._process.returncode is None, self.log()
        try:
            socket.create_connection((HOST, self._observed), PATIENCE).close()
        except ConnectionRefusedError:
            return False
        return True

    def _write_configuration(self) -> None:
        text = CONFIGURATION + (ENCRYPTED if self._tls else "")
        lines = text.format(
            user="root" if os.getuid() == 0 else "mosquitto",
            anonymous=str(self._is_anonymous).lower(),
            folder=self._folder,
            host=HOST,
            observed=self._observed,
            port=self.port,
        )
        limits = "".join(f"{name} {value}\n" for name, value in self._limits.items())
        (self._folder / "mosquitto.conf").write_text(lines + limits)

    def _write_certificates(self) -> None:
        if self._tls:
            authority = trustme.CA()
            certificate = authority.issue_cert(HOST, "localhost")
            authority.cert_pem.write_to_path(self.ca_certificate)
            certificate.cert_chain_pems[0].write_to_path(self._folder / "server.pem")
            certificate.private_key_pem.write_to_path(self._folder / "server.key")

    def _write_passwords(self, *others: tuple[str, str]) -> None:
        path = self._folder / "passwords"
        path.write_text("".join(f"{name}:{secret}\n" for name, secret in [(NAME, SECRET), *others]))
        path.chmod(0o600)
        subprocess.run(["mosquitto_passwd", "-U", path], check=True)

    def _write_rules(self, *rules: str) -> None:
        lines = [f"user {NAME}", "topic readwrite #", *(f"pattern {rule}" for rule in rules)]
        path = self._folder / "acl"
        path.write_text("\n".join([*lines, ""]))
        path.chmod(0o600)


@asynccontextmanager
async def running_broker(
    folder: Path, *, tls: bool = False, limits: Limits | None = None
) -> AsyncIterator[Broker]:
    must_have(is_there=PROGRAM is not None, what="mosquitto")
    broker = Broker(folder, tls=tls, limits=limits)
    try:
        await broker.start()
        yield broker
    finally:
        await broker.kill()
        gc.collect()  # or a lost connection of aiomqtt's is told of in the log of some other test
