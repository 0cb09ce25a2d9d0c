"""As a container's published port is reached: from a network namespace instead of loopback."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.programs import must_have
from utec_gateway.core.clock import SystemClock
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import LockState

NAME, HERE, THERE = f"utec{os.getpid()}", "10.213.7.1", "10.213.7.2"
INSIDE = ("nsenter", f"--net=/run/netns/{NAME}")
"""Runs a program in the namespace; "ip netns exec" would mount, which a chroot cannot."""
IMAGE = {"UTEC_BIND": "0.0.0.0", "UTEC_PANEL_LOGIN": "always"}
"""What the image sets."""
PATH = re.compile(r"/login\?once=[\w-]+")
BROWSER = """
import sys, urllib.request
from http.cookiejar import CookieJar
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))
home, word = sys.argv[1:]
print(opener.open(home).url)
opener.open(f"{home}/login", f"once={word}".encode()).close()
print(opener.open(home).url)
"""


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def ip(*arguments: str) -> None:
    run("ip", *arguments)


@pytest.fixture
def bridge() -> Iterator[None]:
    """A link between this machine and a network namespace."""
    is_root = os.geteuid() == 0
    must_have(is_there=is_root and shutil.which("ip") is not None, what="iproute2, for root")
    ip("netns", "add", NAME)
    try:
        ip("link", "add", f"{NAME}a", "type", "veth", "peer", "name", "eth0", "netns", NAME)
        ip("address", "add", f"{HERE}/30", "dev", f"{NAME}a")
        ip("link", "set", f"{NAME}a", "up")
        run(*INSIDE, "ip", "address", "add", f"{THERE}/30", "dev", "eth0")
        run(*INSIDE, "ip", "link", "set", "eth0", "up")
        yield
    finally:
        ip("netns", "delete", NAME)


@pytest.mark.usefixtures("bridge")
def test_the_link_on_the_console_opens_the_panel_to_a_peer_that_is_not_loopback(
    tmp_path: Path,
) -> None:
    port = str(free_port())
    with subprocess.Popen(
        [sys.executable, "-m", "utec_gateway", "--api-port", port, "--panel-port", "0"],
        env={**os.environ, **IMAGE, "UTEC_DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as gateway:
        assert gateway.stdout
        try:
            console = "".join(gateway.stdout.readline() for _ in range(3))
            found = re.search(r"/login\?once=([\w-]+)", console)
            assert found, console
            home = f"http://{HERE}:{port}"
            shown = subprocess.run(
                [*INSIDE, sys.executable, "-c", BROWSER, home, found[1]],
                capture_output=True,
                text=True,
                check=True,
            )
        finally:
            gateway.terminate()
            gateway.stdout.read()
    assert shown.stdout.split() == [f"{home}/login", home]


@pytest.fixture
async def door() -> AsyncIterator[SimulatedCloud]:
    """U-tec's cloud as both sides of the link reach it, with one lock that is unlocked."""
    cloud = SimulatedCloud(SystemClock())
    cloud.add_device("02:51:4D:00:01:01", "Front Door", lock_state=LockState.UNLOCKED)
    await cloud.start(HERE)
    yield cloud
    await cloud.stop()


@pytest.mark.usefixtures("bridge")
async def test_a_newcomer_gets_from_the_console_to_a_confirmed_lock_with_a_browser_alone(
    tmp_path: Path, door: SimulatedCloud
) -> None:
    must_have(is_there=shutil.which("chromium") is not None, what="chromium")
    port = str(free_port())
    callback = f"http://{HERE}:{port}/oauth/callback"
    door.behaviour.oauth.redirect_uris = (callback,)
    utec = {"api_base_url": door.url, "oauth_base_url": door.url}
    (tmp_path / "options.json").write_text(json.dumps(utec))
    gateway = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "utec_gateway", "--api-port", port, "--panel-port", "0"),
        env={**os.environ, **IMAGE, "UTEC_DATA_DIR": str(tmp_path)},
        stdout=PIPE,
        stderr=DEVNULL,
    )
    assert gateway.stdout
    try:
        console = b"".join([await gateway.stdout.readline() for _ in range(3)]).decode()
        link = f"http://{HERE}:{port}{PATH.findall(console)[0]}"
        newcomer = await asyncio.create_subprocess_exec(
            *(*INSIDE, sys.executable, "-m", "tests.contract.newcomer"),
            *(link, door.client_id, door.client_secret, callback),
        )
        assert await newcomer.wait() == 0
    finally:
        gateway.terminate()
        await gateway.communicate()
    assert door.devices["02:51:4D:00:01:01"].states.lock_state is LockState.LOCKED
