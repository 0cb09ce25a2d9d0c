"""Starting a gateway on a data folder as it is, and where the whole machine can reach it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from tests.conftest import Running, World, at_once
from utec_gateway.gateway import Gateway
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session

NOWHERE = ("203.0.113.1", 9)


def other_address() -> str | None:
    """Return an address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOWHERE)
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address


@asynccontextmanager
async def gateway_on(world: World, bind: str = "127.0.0.1") -> AsyncIterator[Running]:
    """Run a gateway on what lies in the data folder; nobody signs it in."""
    async with new_session() as session, ClientSession() as client:
        storage = OptionsFile(world.data_dir / "options.json", at_once)
        gateway = Gateway(
            storage,
            world.environment,
            session,
            world.clock,
            world.data_dir,
            at_once,
            ingress_peer=world.ingress_peer,
        )
        api, panel = (socket.create_server((bind, 0)) for _ in range(2))
        url, pages = (f"http://{bind}:{each.getsockname()[1]}" for each in (api, panel))
        async with gateway.running(api, panel):
            await world.clock.settle()
            yield Running(gateway, url, pages, client, world.clock)
