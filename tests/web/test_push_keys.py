"""A push shows a secret and a word of its own, which have nothing to do with the gateway's key."""

from tests.conftest import Running, World
from tests.plugins.installing import install

MORE_THAN_WRONG_KEYS = 12
FROM_OUTSIDE = {"X-Forwarded-For": "8.8.8.8"}
NOWHERE = "/push/" + "0" * 64
OWN_SECRET = """
from utec_gateway.plugin_api import hookimpl

class Own:
    @hookimpl
    def gateway_push_posted(self, secret, body):
        return True if (secret, body) == ("mine", b"hello") else None

def create(context):
    return Own()
"""


async def answers(running: Running, path: str, **headers: str) -> list[int]:
    """Return the statuses of more posts than wrong keys are allowed."""
    more = FROM_OUTSIDE | headers
    posts = [await running.post(path, headers=more) for _ in range(MORE_THAN_WRONG_KEYS)]
    return [status for status, _ in posts]


async def test_a_wrong_secret_does_not_count_as_a_wrong_key(running: Running) -> None:
    assert set(await answers(running, NOWHERE)) == {404}


async def test_u_tecs_own_word_does_not_count_as_a_wrong_key(running: Running) -> None:
    assert set(await answers(running, NOWHERE, Authorization="Bearer of-u-tec")) == {404}
    status, _ = await running.get("/health", headers=FROM_OUTSIDE | {"Authorization": "Bearer x"})
    assert status == 401


async def test_a_wrong_key_before_the_path_of_a_push_counts_as_one(running: Running) -> None:
    assert (await answers(running, f"/k/wrong{NOWHERE}"))[-1] == 429


async def test_a_plugin_may_take_in_pushes_with_a_secret_of_its_own(world: World) -> None:
    install(world, "own.py", OWN_SECRET)
    running = await world.start()
    for path, body, status in (
        ("/push/mine", b"hello", 200),
        ("/push/mine/", b"hello", 200),
        ("/push/mine", b"other", 404),
        ("/push/yours", b"hello", 404),
    ):
        async with running.client.post(running.url + path, data=body) as answer:
            assert answer.status == status, (path, body)


async def test_more_than_a_push_can_be_is_refused(running: Running) -> None:
    async with running.client.post(running.url + NOWHERE, data=b" " * (64 * 1024 + 1)) as answer:
        assert answer.status == 413
