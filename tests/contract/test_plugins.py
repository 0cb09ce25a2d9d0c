"""What the API says of plugins, and of messages that are to arrive."""

import pytest

from tests.conftest import Running
from tests.steps import plugin
from utec_gateway.core.errors import NotDeliveredError, OptionsError
from utec_gateway.core.notification import Notification
from utec_gateway.plugin_api import hookimpl


class Postman:
    """A notifier that fails until it is told to work."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str:
        if self.error:
            raise self.error
        return f"Brought: {notification.title}"


async def test_a_test_message_goes_through_every_notifier_and_each_says_what_it_did(
    running: Running,
) -> None:
    running.gateway._registry.register("postman.py", Postman(None))
    status, answer = await running.post("/api/notify/test")
    assert status == 200
    assert answer["notifiers"]["event_log"] == {"delivered": True, "detail": "Written to the log"}
    assert answer["notifiers"]["postman.py"]["detail"] == "Brought: Test message"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotDeliveredError("550 no such box"), "550 no such box"),
        (LookupError("with the secret access_token=abcdefgh"), "It failed; see the log."),
    ],
)
async def test_a_notifier_that_fails_is_named_degrades_health_and_leaks_nothing(
    running: Running, error: Exception, said: str
) -> None:
    postman = Postman(error)
    running.gateway._registry.register("postman.py", postman)
    _, answer = await running.post("/api/notify/test")
    assert answer["notifiers"]["postman.py"] == {"delivered": False, "detail": said}
    shown = await plugin(running, "postman.py")
    assert shown["is_failing"]
    assert "abcdefgh" not in shown["last_error"]
    _, health = await running.get("/health")
    assert health["health"] == "degraded"
    assert any("postman.py" in trouble for trouble in health["troubles"])
    postman.error = None
    await running.post("/api/notify/test")
    _, health = await running.get("/health")
    assert health["health"] == "healthy"


async def test_a_test_message_names_a_plugin_that_could_not_be_loaded(running: Running) -> None:
    error = OptionsError("TOPIC", "write the name of your topic here")
    running.gateway._registry.record_load_error("push.py", error)
    _, answer = await running.post("/api/notify/test")
    detail = "TOPIC: write the name of your topic here"
    assert answer["notifiers"]["push.py"] == {"delivered": False, "detail": detail}


async def test_a_plugin_that_does_not_fit_is_listed_as_failing(running: Running) -> None:
    class Mistyped:
        @hookimpl
        async def gateway_notfy(self) -> None: ...

    running.gateway._registry.register("mistyped.py", Mistyped())
    shown = await plugin(running, "mistyped.py")
    assert shown["is_failing"]
    assert "there is no hook gateway_notfy" in shown["last_error"]
    assert shown["hooks"] == []
