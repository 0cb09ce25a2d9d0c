"""The forms of the page Codes: guests added, shown, changed, taken back; faults at their field."""

from datetime import timedelta

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import meanwhile, together
from tests.web.panel.asking import submit, words
from tests.web.panel.giving_codes import (
    add,
    calls,
    card_of,
    code_in,
    form,
    guests,
    outcomes,
    problems,
    send,
    shown,
    started,
    tag,
)

MINUTE = "%Y-%m-%dT%H:%M"


async def test_a_code_is_shown_in_the_answer_that_makes_it_and_on_no_page_after(
    world: World,
) -> None:
    running = await started(world)
    text = await add(running)
    code = code_in(text)
    assert code
    assert f"Your code for Front Door: {code}. It opens from " in words(text)
    assert "The code is shown this once and not kept." in words(text)
    assert "data-live" not in text, "a live page would lose what is shown once"
    assert code not in await shown(running)


async def test_the_answer_with_a_code_is_kept_by_nobody(world: World) -> None:
    running = await started(world)
    data = form(running)
    data["form_token"] = (await shown(running)).partition('"form_token" value="')[2][:32]
    request = running.client.post(f"{running.panel}/add-guest", data=data, allow_redirects=False)
    async with await meanwhile(running, request) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert code_in(await answer.text())


async def test_several_locks_get_the_same_code_and_each_has_its_outcome(world: World) -> None:
    running = await started(world)
    world.cloud.devices[OTHER_LOCK].go_offline()
    await running.clock.advance(120)
    text = await add(running, LOCK, OTHER_LOCK)
    code = code_in(text)
    assert code
    assert outcomes(text) == [
        "Front Door : U-tec accepted it. Below you see when it is on the lock.",
        "Back Door : U-tec accepted it. The lock is offline and gets it when it is back.",
    ]
    assert f"Your code for Front Door, Back Door: {code}." in words(text)
    for lock in (LOCK, OTHER_LOCK):
        users = world.cloud.devices[lock].users.everything()
        assert [str(user["password"]) for user in users if user.get("name") == "Anna"] == [code]


async def test_a_lock_that_refuses_is_named_with_the_reason(world: World) -> None:
    world.cloud.devices[OTHER_LOCK].behaviour.user_limit = 1
    running = await started(world)
    text = await add(running, LOCK, OTHER_LOCK)
    made, refused = outcomes(text)
    assert made.startswith("Front Door : U-tec accepted it.")
    assert refused.startswith("Back Door : Not made. U-tec refused the request")
    assert f"Your code for Front Door: {code_in(text)}." in words(text)


async def test_a_code_that_is_typed_is_the_one(world: World) -> None:
    running = await started(world)
    assert code_in(await add(running, code=" 583947 ")) == "583947"


async def test_a_form_that_is_sent_again_makes_nobody_and_says_so(world: World) -> None:
    running = await started(world)
    assert code_in(await add(running, LOCK, OTHER_LOCK))
    again = await add(running, LOCK, OTHER_LOCK)
    assert code_in(again) is None
    assert "Anna was added before" in words(again)
    assert "The code was shown the first time" in outcomes(again)[0]
    assert len(guests(running)) == len(guests(running, OTHER_LOCK)) == 1
    assert calls(world, "add") == 2


async def test_a_form_that_is_sent_twice_at_once_makes_one_guest(world: World) -> None:
    running = await started(world)
    twice = [submit(running, "/add-guest", "/codes", **form(running)) for _ in range(2)]
    answers = await together(running.clock, *((one_text(each)) for each in twice), limit=60)
    codes = [code_in(text) for _, text in answers]
    assert codes.count(None) == 1
    assert len(guests(running)) == 1


async def one_text(answer: object) -> tuple[int, str]:
    status, _, text = await answer  # type: ignore[misc]
    return status, text


async def test_a_form_for_a_guest_is_shown_again_beside_those_there_are(world: World) -> None:
    world.cloud.devices[OTHER_LOCK].behaviour.user_limit = 1
    running = await started(world)
    assert code_in(await add(running))
    text = await add(running, name="Berta", ends="2020-01-01T12:00", code="739164")
    assert list(problems(text)) == ["ends"]
    assert 'value="Berta"' in text
    assert "739164" not in text
    assert outcomes(await add(running, OTHER_LOCK, name="Berta"))[0].startswith("Back Door : Not")


async def test_a_form_that_was_refused_by_one_lock_is_not_tried_there_again(world: World) -> None:
    back = world.cloud.devices[OTHER_LOCK].behaviour
    back.user_limit = 1
    running = await started(world)
    await add(running, LOCK, OTHER_LOCK)
    back.user_limit = None
    again = outcomes(await add(running, LOCK, OTHER_LOCK))
    assert "nothing was made on this lock then" in again[1]
    assert not guests(running, OTHER_LOCK)


async def test_a_form_with_another_name_makes_another_guest(world: World) -> None:
    running = await started(world)
    await add(running)
    assert code_in(await add(running, name="Ben"))
    assert [guest.name for guest in guests(running)] == ["Anna", "Ben"]


async def test_a_form_carries_a_key_of_its_own(world: World) -> None:
    running = await started(world)
    keys = {(await shown(running)).partition('name="key" value="')[2][:20] for _ in range(2)}
    assert len(keys) == 2


FAULTS: dict[str, tuple[dict[str, str], str, str]] = {
    "no name": ({"name": "  "}, "name", "Is missing."),
    "a long name": ({"name": "x" * 300}, "name", "Must have at most 40 characters."),
    "letters": ({"code": "12a4"}, "code", "Must consist of digits only."),
    "three digits": ({"code": "739"}, "code", "Must have 4 to 8 digits."),
    "nine digits": ({"code": "739164825"}, "code", "Must have 4 to 8 digits."),
    "a trivial code": ({"code": "1234"}, "code", "Is guessed too easily; choose another one."),
    "a zero": ({"code": "0739"}, "code", "Must not begin with 0, which U-tec does not keep."),
    "no start": ({"starts": ""}, "starts", "Must be a date with a time."),
    "a start with a zone": ({"starts": "2030-01-01T10:00+02:00"}, "starts", "Must be a date with"),
    "the year 1": ({"starts": "0001-01-01T00:00"}, "starts", "Must be in a year from 2000 to"),
    "the year 9999": ({"ends": "9999-12-31T23:59"}, "ends", "Must be in a year from 2000 to"),
    "an end before the start": ({"ends": "2020-01-01T10:00"}, "ends", "Must be later than"),
    "the past": (
        {"starts": "2020-01-01T10:00", "ends": "2020-01-03T10:00"},
        "ends",
        "Lies in the past.",
    ),
    "hours the other way round": (
        {"opens": "12:00", "closes": "08:00"},
        "closes",
        "Must be later than the beginning of the hours.",
    ),
    "no time of day": ({"opens": "soon"}, "opens", "Must be a time of day, such as 08:00."),
    "many uses": ({"uses": "101"}, "uses", "Must be a whole number from 0 to 100;"),
    "half a use": ({"uses": "½"}, "uses", "Must be a whole number from 0 to 100;"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_said_at_its_field_and_nothing_is_made(world: World, name: str) -> None:
    typed, field, sentence = FAULTS[name]
    running = await started(world)
    before = calls(world)
    text = await add(running, LOCK, OTHER_LOCK, **typed)
    assert problems(text).keys() == {field}
    assert problems(text)[field].startswith(sentence)
    assert calls(world) == before
    assert not guests(running)


async def test_what_was_typed_is_kept_when_a_form_is_refused_but_never_the_code(
    world: World,
) -> None:
    running = await started(world)
    typed = {"name": "Anna & Ben", "code": "583947", "opens": "09:15", "closes": "08:00"}
    text = await add(running, OTHER_LOCK, **typed)
    assert 'value="Anna &amp; Ben"' in text
    assert 'value="09:15"' in text
    assert f'name="lock-{tag(running, OTHER_LOCK)}" checked' in text
    assert f'name="lock-{tag(running)}" checked' not in text
    assert "583947" not in text
    assert "A code that you entered was not kept." in words(text)
    assert '<details id="add" open>' in text
    assert "data-live" not in text


async def test_a_form_of_no_day_or_no_lock_is_refused(world: World) -> None:
    running = await started(world)
    whole = form(running)
    no_day = {name: value for name, value in whole.items() if not name.startswith("day-")}
    no_lock = {name: value for name, value in whole.items() if not name.startswith("lock-")}
    _, _, text = await send(running, "add-guest", **no_day)
    assert problems(text) == {"weekdays": "Must include at least one day."}
    _, _, text = await send(running, "add-guest", **no_lock)
    assert problems(text) == {"locks": "Must include at least one lock."}


async def test_a_name_that_one_of_two_locks_knows_names_that_lock_and_makes_nobody(
    world: World,
) -> None:
    world.cloud.devices[OTHER_LOCK].users.place({"name": "Anna", "type": 0})
    running = await started(world)
    text = await add(running, LOCK, OTHER_LOCK)
    assert problems(text) == {"name": "Is used already on Back Door."}
    assert not guests(running)
    assert calls(world, "add") == 0


async def made(running: Running) -> tuple[str, str]:
    """Return the id of a guest who is on the lock, and the code."""
    code = code_in(await add(running))
    assert code
    await running.clock.advance(10)
    return guests(running)[0].id, code


async def test_a_code_is_shown_again_to_who_asks_in_this_one_answer(world: World) -> None:
    running = await started(world)
    guest, code = await made(running)
    status, _, text = await send(running, "show-code", guest=guest)
    assert (status, code_in(text)) == (200, code)
    assert f"Your code for Front Door: {code}." in words(text)
    assert code not in await shown(running)


async def test_the_code_of_nobody_is_not_shown(world: World) -> None:
    running = await started(world)
    before = calls(world)
    _, _, text = await send(running, "show-code", guest="nobody")
    assert "Nobody with this id has a code that the gateway made" in words(text)
    assert calls(world) == before


async def test_the_times_of_a_guest_are_changed_in_place(world: World) -> None:
    running = await started(world)
    guest, _ = await made(running)
    asked = await shown(running, f"/codes?change={guest}")
    assert f'action="change-guest?lock={tag(running)}"' in asked
    assert "data-live" not in asked, "what is typed would be taken away"
    local = running.gateway.account.codes.zone().local(running.clock.now())
    later = local.replace(second=0, microsecond=0) + timedelta(days=5)
    times = {**form(running), "ends": f"{later:{MINUTE}}", "guest": guest, "uses": "7"}
    status, place, _ = await send(running, "change-guest", **times)
    assert (status, place) == (303, f"codes?lock={tag(running)}#guest-{guest}")
    await running.clock.advance(30)
    [changed] = guests(running)
    assert (changed.schedule.ends, changed.schedule.uses) == (later.replace(tzinfo=None), 7)
    assert "at most 7 times" in card_of(await shown(running), running)


async def test_a_change_that_is_refused_is_said_in_the_guests_own_form(world: World) -> None:
    running = await started(world)
    guest, _ = await made(running)
    times = {**form(running), "ends": "2020-01-01T10:00", "guest": guest}
    del times["name"]
    _, _, text = await send(running, "change-guest", **times)
    assert problems(text).keys() == {"ends"}
    assert 'id="change-ends" value="2020-01-01T10:00" aria-invalid' in text
    assert '<details id="add">' in text, "the other form is not the one that was refused"


async def test_a_code_is_taken_back_after_a_question(world: World) -> None:
    running = await started(world)
    guest, _ = await made(running)
    asked = await shown(running, f"/codes?remove={guest}")
    assert "Take back the code of Anna for Front Door?" in words(asked)
    assert calls(world, "delete") == 0
    status, place, _ = await send(running, "remove-guest", guest=guest)
    assert (status, place) == (303, f"codes?lock={tag(running)}#lock-{tag(running)}")
    await running.clock.advance(30)
    assert "Anna" not in await shown(running)
    names = [user.get("name") for user in world.cloud.devices[LOCK].users.everything()]
    assert "Anna" not in names


async def test_a_house_with_one_lock_asks_for_none(world: World) -> None:
    del world.cloud.devices[OTHER_LOCK]
    running = await started(world)
    assert 'name="lock-' not in await shown(running)
    typed = {name: value for name, value in form(running).items() if not name.startswith("lock-")}
    _, _, text = await send(running, "add-guest", **typed)
    assert code_in(text)


async def test_a_cloud_that_does_not_answer_loses_nothing_that_was_typed(world: World) -> None:
    running = await started(world)
    world.cloud.faults.fail("/action")
    _, _, text = await send(running, "add-guest", **form(running, name="Anna Karenina"))
    assert code_in(text) is None
    assert outcomes(text)[0].startswith("Front Door : Not made. U-tec")
    assert 'value="Anna Karenina"' in text
