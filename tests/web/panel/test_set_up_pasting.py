"""The address that people paste: each wrong one is told by what it is."""

import re

import pytest

from tests.conftest import Running, World
from tests.web.panel.setting_up import LANDING, answer, leave, send, wrong


@pytest.fixture
async def signed_out(world: World) -> Running:
    return await world.start(sign_in=False)


PASTES = {
    "": "Paste the address",
    "rubbish": "This is not an address.",
    "http://[broken/?": "This is not an address.",
    "https://example.com/": "This address belongs to another site.",
    "https://example.com/?code=x&state=y": "This address belongs to another site.",
    f"{LANDING}/": "There is no code in this address.",
    f"{LANDING}/?state=x": "There is no code in this address.",
    f"{LANDING}/?code=x&state=y": "This sign-in was not started here",
    "localhost:9501/?code=x&state=y": "This sign-in was not started here",
    f"{LANDING}/?error=access_denied&state=y": "U-tec reports that access was denied.",
    f"{LANDING}/?error=invalid_client": "U-tec does not recognize the client ID or the secret.",
    f"{LANDING}/?error=redirect_uri_mismatch": "U-tec does not accept the redirect URI.",
    f"{LANDING}/?error=x&error_description=Invalid+redirect+uri": "U-tec does not accept the redi",
    f"{LANDING}/?error=invalid_scope": "U-tec does not accept the scope.",
    f"{LANDING}/?error=server_error": "U-tec did not respond",
    f"{LANDING}/?error=%3Cimg+src=x%3E": "U-tec's page refused the sign-in.",
    "Invalid redirect uri": "U-tec does not accept the redirect URI.",
    "No client id supplied": "U-tec does not recognize the client ID",
}


@pytest.mark.parametrize(("pasted", "sentence"), PASTES.items())
async def test_a_wrong_paste_is_explained_and_stays_in_its_field(
    signed_out: Running, pasted: str, sentence: str
) -> None:
    status, _, text = await send(signed_out, "/redeem", address=pasted)
    assert status == 200
    field, why = wrong(text)
    assert field == "address"
    assert why.replace("&#39;", "'").startswith(sentence)
    kept = re.search(r'name="address" value="([^"]*)"', text)
    assert kept
    assert kept[1].replace("&amp;", "&") == pasted
    assert signed_out.gateway.account.tokens.token is None


async def test_u_tecs_own_page_is_told_from_another_site(world: World) -> None:
    running = await world.start(sign_in=False, oauth_base_url="https://oauth.u-tec.com")
    _, _, text = await send(running, "/redeem", address="https://oauth.u-tec.com/login?state=x")
    assert "This is still U-tec&#39;s own page." in text


async def test_an_address_is_good_once(world: World, signed_out: Running) -> None:
    pasted = answer(world, await leave(signed_out))
    assert (await send(signed_out, "/redeem", address=pasted))[0] == 303
    _, _, text = await send(signed_out, "/redeem", address=pasted)
    assert wrong(text)[1].startswith("This address was already used")


async def test_an_address_expires(world: World, signed_out: Running) -> None:
    state = await leave(signed_out)
    await signed_out.clock.advance(15 * 60 + 1)
    _, _, text = await send(signed_out, "/redeem", address=answer(world, state))
    assert wrong(text)[1].startswith("This address has expired")


async def test_a_code_that_u_tec_refuses_is_explained(signed_out: Running) -> None:
    pasted = f"{LANDING}/?code=SIM-CODE-x&state={await leave(signed_out)}"
    _, _, text = await send(signed_out, "/redeem", address=pasted)
    assert wrong(text)[1].startswith("U-tec reports that the code has expired or was already used.")


async def test_a_secret_that_u_tec_refuses_is_not_blamed_on_the_code(world: World) -> None:
    running = await world.start(sign_in=False, client_secret="wrong")
    _, _, text = await send(running, "/redeem", address=answer(world, await leave(running)))
    assert wrong(text)[1].startswith("U-tec does not recognize the client ID or the secret.")


async def test_a_cloud_that_does_not_answer_is_not_blamed_on_the_paste(
    world: World, signed_out: Running
) -> None:
    world.cloud.faults.fail("/token")
    state = await leave(signed_out)
    _, _, text = await send(signed_out, "/redeem", address=answer(world, state))
    assert wrong(text)[1].startswith("U-tec did not respond")


async def test_an_address_that_led_on_to_another_site_is_good_with_our_state(
    world: World, signed_out: Running
) -> None:
    pasted = answer(world, await leave(signed_out)).replace(
        f"{LANDING}/", "http://homeassistant.local:8123/auth/external/callback"
    )
    assert (await send(signed_out, "/redeem", address=pasted))[0] == 303


async def test_the_address_and_the_code_sign_in_however_they_were_pasted(
    world: World, signed_out: Running
) -> None:
    address = answer(world, await leave(signed_out))
    for pasted in (f"Here it is: “{address}”, thanks", f" '{world.cloud.issue_code(LANDING)}'.\n"):
        assert (await send(signed_out, "/redeem", address=pasted))[0] == 303
        assert signed_out.gateway.account.tokens.token


async def test_a_decorated_state_must_still_be_ours(world: World, signed_out: Running) -> None:
    await leave(signed_out)
    _, _, text = await send(signed_out, "/redeem", address=f"«{answer(world, 'not-ours')}»")
    assert wrong(text)[1].startswith("This sign-in was not started here")
    assert signed_out.gateway.account.tokens.token is None


STILL = "The current sign-in is unchanged: your locks keep working until 2026-01-12T11:00:00Z."


async def test_a_sign_in_that_failed_does_not_deny_the_one_that_works(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/token")
    _, _, text = await send(running, "/redeem", address=answer(world, await leave(running)))
    said = wrong(text)[1]
    assert said.startswith("U-tec did not respond, so the sign-in was not completed.")
    assert said.endswith(STILL)
    _, _, text = await send(running, "/redeem", address="rubbish")
    assert wrong(text)[1].endswith(STILL)


async def test_without_a_sign_in_none_is_promised(signed_out: Running) -> None:
    _, _, text = await send(signed_out, "/redeem", address="rubbish")
    assert "unchanged" not in wrong(text)[1]
