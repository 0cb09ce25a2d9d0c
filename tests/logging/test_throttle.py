import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from utec_gateway.logging.throttle import VARIANTS_ALLOWED, LogThrottle
from utec_gateway.simulator.virtual_time import VirtualClock


@pytest.fixture
def written() -> StringIO:
    return StringIO()


@pytest.fixture
def logger(clock: VirtualClock, written: StringIO) -> Iterator[logging.Logger]:
    """A logger with two handlers behind one throttle."""
    throttle, found = LogThrottle(clock), logging.getLogger("tests.throttled")
    handlers = [logging.StreamHandler(written), logging.StreamHandler(StringIO())]
    for handler in handlers:
        handler.addFilter(throttle)
        found.addHandler(handler)
    yield found
    for handler in handlers:
        found.removeHandler(handler)


def lines(written: StringIO) -> list[str]:
    return written.getvalue().splitlines()


async def test_a_repeated_fault_is_written_once_a_minute_with_its_number(
    clock: VirtualClock, logger: logging.Logger, written: StringIO
) -> None:
    for _ in range(500):
        logger.warning("%s is %s", "the disk", "full")
    await clock.advance(60)
    logger.warning("%s is %s", "the disk", "full")
    await clock.advance(60)
    logger.warning("%s is %s", "the disk", "full")
    full = "the disk is full"
    assert lines(written) == [full, f"{full} (499 more times in 60 s)", full]


async def test_what_differs_is_written(logger: logging.Logger, written: StringIO) -> None:
    logger.warning("%s did not lock", "Front Door")
    logger.warning("%s did not lock", "Back Door")
    logger.error("%s did not lock", "Back Door")
    assert len(lines(written)) == 3


async def test_the_same_wording_a_thousand_times_is_enough(
    logger: logging.Logger, written: StringIO
) -> None:
    for number in range(1000):
        logger.warning("nothing from %s", number)
    assert len(lines(written)) == VARIANTS_ALLOWED


async def test_tracebacks_from_one_place_are_one_fault(
    logger: logging.Logger, written: StringIO
) -> None:
    for path in ("/a", "/b", "/c"):
        try:
            int(path)
        except ValueError:
            logger.exception("A request failed unexpectedly: %s", path)
    assert written.getvalue().count("Traceback") == 1


async def test_what_is_no_fault_is_always_written(
    logger: logging.Logger, written: StringIO
) -> None:
    logger.setLevel("INFO")
    for _ in range(3):
        logger.info("Access token refreshed successfully")
    assert len(lines(written)) == 3
