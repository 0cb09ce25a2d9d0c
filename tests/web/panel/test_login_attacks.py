"""What a hostile stranger tried at the login and at the panel behind it."""

import pytest

from tests.conftest import Running, World
from tests.web.test_hostile import log_of, raw, status_of


@pytest.mark.parametrize("host", ["[127.0.0.1]", "[127.0.0.1]:8000", "[::1.]", "localhost:٣"])
@pytest.mark.parametrize("wish", ["GET /settings", "POST /api/login-links"])
async def test_a_host_that_is_none_is_refused_and_is_no_error_of_ours(
    running: Running, world: World, host: str, wish: str
) -> None:
    lines = f"{wish} HTTP/1.1", f"Host: {host}", "Origin: http://localhost", "", ""
    answer = await raw(running.url, "\r\n".join(lines).encode())
    assert status_of(answer) == 403
    assert " ERROR " not in log_of(world)
