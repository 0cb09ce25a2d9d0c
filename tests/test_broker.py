"""The broker that other tests rely on is what they take it for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.broker import Broker, running_broker
from tests.broker_client import Message


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with running_broker(tmp_path) as started:
        yield started


def visitor(broker: Broker, **how: Any) -> aiomqtt.Client:
    return aiomqtt.Client(broker.host, broker.port, **{"timeout": 5, **how})


async def test_what_a_client_publishes_is_heard_and_retained_until_a_restart(
    broker: Broker,
) -> None:
    async with visitor(broker) as client:
        await client.publish("a/b", "on", qos=1, retain=True)
        await client.publish("a/c", "now")
    await broker.until(lambda messages: len(messages) == 2)
    assert broker.messages == [Message("a/b", "on", True, 1), Message("a/c", "now", False, 0)]
    assert await broker.retained("a/#") == {"a/b": "on"}
    await broker.kill()
    await broker.start()
    assert await broker.retained() == {}


async def test_a_client_hears_what_is_published_to_it(broker: Broker) -> None:
    async with visitor(broker) as client:
        await client.subscribe("door/set")
        await broker.publish("door/set", "LOCK")
        heard = await anext(aiter(client.messages))
        assert heard.payload == b"LOCK"


async def test_a_frozen_broker_answers_nobody_until_it_thaws(broker: Broker) -> None:
    async with visitor(broker) as client:
        broker.freeze()
        publication = asyncio.create_task(client.publish("a", "late", qos=1))
        done, _ = await asyncio.wait([publication], timeout=0.2)
        assert not done
        broker.thaw()
        await publication


async def test_a_changed_password_throws_out_who_has_the_old_one(broker: Broker) -> None:
    await broker.set_password("anna", "first")
    await broker.restart()
    with pytest.raises(aiomqtt.MqttError):
        await visitor(broker, username="anna", password="wrong").__aenter__()
    async with visitor(broker, username="anna", password="first") as client:
        await broker.set_password("anna", "second")
        with pytest.raises(aiomqtt.MqttError):
            await anext(aiter(client.messages))
    async with visitor(broker, username="anna", password="second") as client:
        await client.publish("a", "mine")
    await broker.until(lambda messages: messages[-1:] == [Message("a", "mine", False, 0)])


async def test_a_publication_that_is_not_allowed_reaches_nobody(broker: Broker) -> None:
    await broker.allow_only("readwrite #", "deny secret/#")
    async with visitor(broker) as client:
        await client.publish("secret/a", "no", qos=1)
        await client.publish("a", "yes", qos=1)
    await broker.until(lambda messages: messages)
    assert [message.payload for message in broker.messages] == ["yes"]


async def test_an_encrypted_broker_has_a_certificate_of_its_own_authority(tmp_path: Path) -> None:
    async with running_broker(tmp_path, tls=True) as broker:
        trust = ssl.create_default_context(cafile=str(broker.ca_certificate))
        async with visitor(broker, tls_context=trust) as client:
            await client.publish("a", "hidden", retain=True, qos=1)
        assert await broker.retained() == {"a": "hidden"}


async def test_a_full_broker_turns_the_next_one_away(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, limits={"max_connections": 1}) as broker,
        visitor(broker),
    ):
        with pytest.raises(aiomqtt.MqttError):
            await visitor(broker, timeout=0.5).__aenter__()
