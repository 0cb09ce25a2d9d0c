"""A real nginx with TLS in front of a gateway, which it serves below a path."""

import asyncio
import shutil
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.ports import HOST, free_port
from tests.programs import DIES_WITH_US, must_have, until

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PREFIX = "/utec"
CONFIGURATION = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    location {prefix}/ {{
      proxy_pass {upstream}/;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Prefix {prefix};
    }}
  }}
}}
"""
"""As the handbook has it, but for `proxy_buffering off`: the event stream asks for that itself."""


@dataclass(frozen=True)
class Nginx:
    """What the browser sees of it."""

    url: str
    home: str
    """The first page of what it serves."""


@asynccontextmanager
async def nginx_before(upstream: str, folder: Path) -> AsyncIterator[Nginx]:
    """Pass on to that address as long as the block lasts."""
    must_have(is_there=PROGRAM is not None, what="nginx")
    port = free_port()
    _write_certificate(folder)
    (folder / "nginx.conf").write_text(
        CONFIGURATION.format(folder=folder, host=HOST, port=port, prefix=PREFIX, upstream=upstream)
    )
    command = (*DIES_WITH_US, str(PROGRAM), "-c", folder / "nginx.conf", "-p", folder)
    with (folder / "output").open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stderr=output)
    try:
        await until(lambda: _listens(process, port, folder), bool)
        yield Nginx(f"https://{HOST}:{port}", f"https://{HOST}:{port}{PREFIX}/")
    finally:
        process.terminate()
        await process.wait()


async def _listens(process: Process, port: int, folder: Path) -> bool:
    assert process.returncode is None, (folder / "output").read_text()
    try:
        socket.create_connection((HOST, port)).close()
    except ConnectionRefusedError:
        return False
    return True


def _write_certificate(folder: Path) -> None:
    folder.mkdir()
    certificate = trustme.CA().issue_cert(HOST, "localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
