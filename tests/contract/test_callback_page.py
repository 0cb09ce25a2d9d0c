from urllib.parse import quote

import pytest

from tests.conftest import Running
from tests.contract.test_signing_in import LANDING, exchanges, is_signed_in, issued_state
from utec_gateway.simulator.cloud import SimulatedCloud

PAGE = "/oauth/callback"


@pytest.mark.parametrize("name", ["code", "authorization_code"])
async def test_the_browser_lands_and_the_owner_is_signed_in(
    signed_out: Running, cloud: SimulatedCloud, name: str
) -> None:
    state = await issued_state(signed_out)
    code = cloud.issue_code(LANDING)
    status, page = await signed_out.get(f"{PAGE}?{name}={code}&state={state}")
    assert status == 200
    assert "<html" in page
    assert "SIM-" not in page
    assert await is_signed_in(signed_out)


@pytest.mark.parametrize(
    "query", ["", "?code=SIM-CODE-x&state=not-ours", "?error=access_denied", "?state=not-ours"]
)
async def test_a_landing_that_was_not_started_here_signs_nobody_in(
    signed_out: Running, cloud: SimulatedCloud, query: str
) -> None:
    _, page = await signed_out.get(PAGE + query)
    assert "<html" in page
    assert "SIM-" not in page
    assert exchanges(cloud) == 0
    assert not await is_signed_in(signed_out)


@pytest.mark.parametrize("name", ["error", "error_description", "state", "code"])
async def test_the_page_runs_no_script_from_the_address(signed_out: Running, name: str) -> None:
    script = "<script>steal()</script>"
    _, page = await signed_out.get(f"{PAGE}?error=x&{name}={quote(script)}")
    assert script not in page


async def test_the_page_explains_a_code_the_cloud_refuses(
    signed_out: Running, cloud: SimulatedCloud
) -> None:
    state = await issued_state(signed_out)
    _, page = await signed_out.get(f"{PAGE}?code=SIM-CODE-expired&state={state}")
    assert "<html" in page
    assert "SIM-" not in page
    assert exchanges(cloud) == 1
    assert not await is_signed_in(signed_out)


async def test_a_landing_that_failed_does_not_deny_the_sign_in_that_works(running: Running) -> None:
    _, page = await running.get(f"{PAGE}?code=SIM-CODE-x&state=not-ours")
    assert "Not signed in" not in page
    assert "The current sign-in is unchanged: your locks keep working until 2026-01-12" in page


async def test_a_landing_that_failed_is_explained_in_the_readers_language(
    signed_out: Running,
) -> None:
    _, page = await signed_out.get(PAGE, headers={"Accept-Language": "de"})
    assert "Diese Anmeldung wurde nicht hier begonnen. Beginne" in page
