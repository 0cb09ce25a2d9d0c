"""Who subscribes is called, in order, whatever the others do."""

import pytest

from utec_gateway.core.events import Event


def test_listeners_are_called_in_the_order_in_which_they_subscribed() -> None:
    event, heard = Event[int]("numbers"), list[tuple[str, int]]()
    event.subscribe(lambda value: heard.append(("first", value)))
    event.subscribe(lambda value: heard.append(("second", value)))
    event.emit(1)
    event.emit(2)
    assert heard == [("first", 1), ("second", 1), ("first", 2), ("second", 2)]


def test_nobody_needs_to_listen() -> None:
    Event[int]("numbers").emit(1)


def test_a_listener_that_fails_is_logged_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    event, heard = Event[int]("numbers"), list[int]()
    event.subscribe(lambda value: 1 // value)
    event.subscribe(heard.append)
    event.emit(0)
    assert heard == [0]
    assert [line.getMessage() for line in caplog.records] == ["A listener to numbers failed"]
    assert caplog.records[0].exc_info
