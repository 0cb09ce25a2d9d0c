"""E-mail against a real mail server: what arrives, and what is said when it does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.plugins.post_office import Post, html_part, plain_part, post_office, silent_server
from tests.utec.given import Given
from utec_gateway.core.errors import NotDeliveredError
from utec_gateway.core.notification import DeliveryState, Notification
from utec_gateway.options.schema import Options
from utec_gateway.plugin_api import PluginContext
from utec_gateway.plugins.email import DEADLINE, SECOND_LOOK, Email
from utec_gateway.simulator.virtual_time import VirtualClock

NEWS = Notification("n", "Sign in", "It is <over>.", datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture(params=["none", "starttls", "tls"])
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Post]:
    async with post_office(request.param) as opened:
        yield opened


@asynccontextmanager
async def email_to(post: Post, clock: VirtualClock, **context: Any) -> AsyncIterator[Email]:
    """Make a notifier that writes through this server."""
    async with ClientSession() as session:
        options = Given(Options(email=post.options))
        yield Email(PluginContext(options, session, clock, **context), post.tls)


async def tell(
    post: Post, clock: VirtualClock, notification: Notification = NEWS, **changes: Any
) -> str | None:
    changed = replace(post, options=replace(post.options, **changes))
    async with email_to(changed, clock) as email:
        return await email.gateway_notify(notification)


async def test_news_arrives_with_proper_headers_and_both_parts(
    post: Post, clock: VirtualClock
) -> None:
    said = await tell(post, clock)
    assert said == "Accepted for 2 of 2: queued as 4711"
    ((recipients, message),) = post.mailbox.received
    assert recipients == ["one@home.test", "two@home.test"]
    assert message["Subject"] == "U-tec Gateway: Sign in"
    assert message["From"] == "gateway@home.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@home.test>")
    assert message["Date"].datetime == clock.now().replace(microsecond=0)
    assert "It is <over>." in plain_part(message)
    assert "It is &lt;over&gt;." in html_part(message)


@pytest.mark.parametrize("text", ["It is over.", "Go there, and press Save."])
async def test_an_e_mail_says_once_where_to_see_more(
    text: str, post: Post, clock: VirtualClock
) -> None:
    async with email_to(post, clock, panel_directions=lambda: "Go there") as email:
        await email.gateway_notify(replace(NEWS, message=text))
    ((_, message),) = post.mailbox.received
    assert plain_part(message).count("Go there") == 1
    assert html_part(message).count("Go there") == 1


async def test_a_wrong_password_is_said_without_the_password(
    post: Post, clock: VirtualClock
) -> None:
    with pytest.raises(NotDeliveredError, match="refused the user name or password") as caught:
        await tell(post, clock, password="Wrong-Secret")
    assert not caught.value.retryable
    assert "Wrong-Secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "retryable", "said"),
    [
        ("454 4.7.0 Temporary authentication failure", True, "cannot check the login just now"),
        ("535 5.7.8 Application-specific password needed", False, "refused the user name or pass"),
    ],
)
async def test_a_login_that_is_refused_for_now_may_work_later(
    post: Post, clock: VirtualClock, words: str, said: str, *, retryable: bool
) -> None:
    post.mailbox.refuses_login_with = words
    with pytest.raises(NotDeliveredError, match=said) as caught:
        await tell(post, clock)
    assert str(caught.value).endswith(f"({words})")
    assert caught.value.retryable is retryable
    post.mailbox.refuses_login_with = None
    assert await tell(post, clock) == "Accepted for 2 of 2: queued as 4711"


async def test_a_recipient_that_is_refused_is_named_and_the_other_gets_the_message(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.refused = frozenset({"two@home.test"})
    assert (await tell(post, clock) or "").endswith("refused: two@home.test")
    assert [recipients for recipients, _ in post.mailbox.received] == [["one@home.test"]]


async def test_a_message_that_every_recipient_refuses_is_not_delivered(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.refused = frozenset(post.options.recipients)
    with pytest.raises(NotDeliveredError, match="no such mailbox") as caught:
        await tell(post, clock)
    assert not caught.value.retryable


async def test_a_recipient_that_is_refused_for_now_gets_the_message_later_and_nobody_gets_it_twice(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.answers["two@home.test"] = "450 4.2.0 Greylisted"
    async with email_to(post, clock) as email:
        with pytest.raises(NotDeliveredError, match=r"^Accepted for 1 of 2: queued") as caught:
            await email.gateway_notify(NEWS)
        assert str(caught.value).endswith(
            "; refused: two@home.test (two@home.test: 450 4.2.0 Greylisted)"
        )
        assert caught.value.retryable
        post.mailbox.answers.clear()
        assert await email.gateway_notify(NEWS) == "Accepted for 2 of 2: queued as 4711"
    sent_to = [recipients for recipients, _ in post.mailbox.received]
    assert sent_to == [["one@home.test"], ["two@home.test"]]


async def test_a_recipient_that_is_refused_for_good_after_all_is_named(
    post: Post, clock: VirtualClock
) -> None:
    post.mailbox.answers["two@home.test"] = "450 4.2.0 Greylisted"
    async with email_to(post, clock) as email:
        with pytest.raises(NotDeliveredError):
            await email.gateway_notify(NEWS)
        post.mailbox.answers["two@home.test"] = "550 no such mailbox here"
        assert await email.gateway_notify(NEWS) == "Accepted for 1 of 2; refused: two@home.test"


FOREIGN = {
    "another encoding": b"250 f\xfcr dich angenommen",
    "half a character": b"250 queued \xf0\x9f\x94",
    "control characters": b"250 queued \x1b[31m\x00\x07\x0b\x85",
    "everything": b"250 " + bytes(set(range(256)) - set(b"\r\n")),
    "very long": b"250 " + b"\xfe" * 8000,
}


@pytest.mark.parametrize("receipt", FOREIGN.values(), ids=FOREIGN)
async def test_foreign_bytes_in_good_news_are_cleaned_like_those_in_bad_news(
    clock: VirtualClock, receipt: bytes
) -> None:
    async with post_office("none") as post:
        post.mailbox.receipt = receipt
        said = await tell(post, clock)
        post.mailbox.receipt = b"451" + receipt[3:]
        with pytest.raises(NotDeliveredError) as caught:
            await tell(post, clock)
    for words in (said or "", str(caught.value)):
        assert words.isprintable()
        assert words.encode()
        assert len(words) < 300


async def test_no_name_can_add_a_header_or_a_recipient(post: Post, clock: VirtualClock) -> None:
    title = "Door\r\nBcc: thief@evil.test\n\n<script>"
    await tell(post, clock, replace(NEWS, title=title))
    ((recipients, message),) = post.mailbox.received
    assert "Bcc" not in message
    assert "thief@evil.test" not in recipients
    assert "<script>" not in html_part(message)


@pytest.mark.parametrize(
    "changes", [{"enabled": False}, {"smtp_host": ""}, {"recipients": ()}], ids=str
)
async def test_without_an_address_nothing_is_sent_and_nothing_claimed(
    post: Post, clock: VirtualClock, changes: dict[str, Any]
) -> None:
    assert await tell(post, clock, **changes) is None
    assert post.mailbox.received == []


async def test_a_text_that_only_changed_is_not_sent_again(post: Post, clock: VirtualClock) -> None:
    assert await tell(post, clock, replace(NEWS, delivery=DeliveryState.SENT)) is None
    assert post.mailbox.received == []


async def test_a_server_that_is_not_there_may_be_back_later(
    post: Post, clock: VirtualClock
) -> None:
    with pytest.raises(NotDeliveredError, match="cannot be reached") as caught:
        await tell(post, clock, smtp_port=1)
    assert caught.value.retryable


async def test_a_server_that_accepts_and_hangs_is_given_up(post: Post, clock: VirtualClock) -> None:
    async with silent_server() as silent:
        telling = asyncio.create_task(tell(post, clock, smtp_port=silent.port))
        await clock.advance(DEADLINE + SECOND_LOOK)
        with pytest.raises(NotDeliveredError, match="does not answer in time") as caught:
            await telling
    assert caught.value.retryable


async def test_the_end_of_it_is_one_all_clear_with_proper_headers_and_both_parts(
    post: Post, clock: VirtualClock
) -> None:
    async with email_to(post, clock) as email:
        said = await email.gateway_dismiss("<Sign> in")
    assert said == "Accepted for 2 of 2: queued as 4711"
    ((recipients, message),) = post.mailbox.received
    assert recipients == ["one@home.test", "two@home.test"]
    assert message["Subject"] == "U-tec Gateway: Resolved: <Sign> in"
    assert message["From"] == "gateway@home.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@home.test>")
    assert message["Date"].datetime == clock.now().replace(microsecond=0)
    assert 'The notification "<Sign> in" no longer applies.' in plain_part(message)
    assert "The notification &quot;&lt;Sign&gt; in&quot; no longer applies." in html_part(message)


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "", "username": ""},
        {"sender": "", "username": "apikey"},
        {"sender": "half@"},
        {"sender": "Gateway <gateway@home.test>"},
        {"sender": "gateway@home.test\r\nBcc: thief@evil.test"},
        {"recipients": ("one@home.test\nBcc: thief@evil.test",)},
    ],
    ids=str,
)
async def test_addresses_that_make_no_message_are_explained(
    post: Post, clock: VirtualClock, changes: dict[str, Any]
) -> None:
    with pytest.raises(NotDeliveredError, match="e-mail options do not make a message") as caught:
        await tell(post, clock, **changes)
    assert not caught.value.retryable
    assert post.mailbox.received == []


async def test_half_a_character_in_a_name_does_not_keep_the_news_back(
    post: Post, clock: VirtualClock
) -> None:
    broken = replace(NEWS, title="Door \udce9", message="The \udce9 door")
    assert await tell(post, clock, broken) == "Accepted for 2 of 2: queued as 4711"


async def test_the_servers_words_come_without_brackets(post: Post, clock: VirtualClock) -> None:
    with pytest.raises(NotDeliveredError, match=r"\(535 5\.7\.8 Authentication"):
        await tell(post, clock, password="Wrong-Secret")
