"""A year of bad luck: nobody signs in by hand, and there is always a token that works."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.conftest import QUIET, Running, World
from tests.steps import DAY, HOUR, REFRESH
from utec_gateway.core import scheduler
from utec_gateway.devices import discovery
from utec_gateway.issues import reporter
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import ExpiresInShape, Rotation, TokenShape

HOURS_IN_A_YEAR = 365 * 24
YEARS = [
    (1, Rotation.REVOKE_AT_ONCE),
    (2, Rotation.REVOKE_ON_FIRST_USE),
    (3, Rotation.KEEP_OLD),
]
"""Seeds, and what the cloud does with a used refresh token at first; the hardest comes first."""
LONGEST_OUTAGE = 5.5 * DAY
"""A token lives a week less an hour and is renewed daily: so much can be survived."""
SURVIVES_A_LOST_ANSWER = {Rotation.KEEP_OLD, Rotation.REVOKE_ON_FIRST_USE, Rotation.NO_NEW_TOKEN}


@dataclass
class BadLuck:
    """A seeded source of trouble: one thing at a time on each endpoint, with pauses between."""

    cloud: SimulatedCloud
    rng: random.Random
    hour: int = 0
    token_trouble_until: float = 0
    action_trouble_until: float = 0
    log: list[str] = field(default_factory=list)

    @property
    def is_calm(self) -> bool:
        return self.hour >= max(self.token_trouble_until, self.action_trouble_until) + 2

    @property
    def answers_are_being_lost(self) -> bool:
        return any(armed.fault.after_acting for armed in self.cloud.faults.armed)

    def strike(self) -> None:
        """Let one hour's misfortune begin, if there is to be one."""
        self.hour += 1
        if self.rng.random() < 0.01 and not self.answers_are_being_lost:
            self.change_the_rules()
        if self.hour >= self.token_trouble_until + 2 and self.rng.random() < 0.008:
            self.trouble_the_token_endpoint()
        if self.hour >= self.action_trouble_until + 2 and self.rng.random() < 0.008:
            self.trouble_the_action_endpoint()
        if self.is_calm and self.rng.random() < 0.005:
            self.log.append("access tokens die")
            self.cloud.expire_access_tokens()

    def change_the_rules(self) -> None:
        """Change what the token endpoint does and says, as the vendor has done before."""
        oauth = self.cloud.behaviour.oauth
        oauth.rotation = self.rng.choice(list(Rotation))
        oauth.token_shape = self.rng.choice(list(TokenShape))
        oauth.refresh_token_shape = self.rng.choice([None, *TokenShape])
        oauth.expires_in_shape = self.rng.choice(list(ExpiresInShape))
        self.log.append(f"{oauth.rotation}, {oauth.token_shape}, {oauth.expires_in_shape}")

    def trouble_the_token_endpoint(self) -> None:
        rotation = self.cloud.behaviour.oauth.rotation
        if rotation in SURVIVES_A_LOST_ANSWER and self.rng.random() < 0.5:
            self.log.append("lost answers")
            self.cloud.faults.drop(REFRESH, after_acting=True, times=self.rng.randint(1, 5))
            self.token_trouble_until = self.hour + 26
            return
        longest = LONGEST_OUTAGE if self.rng.random() < 0.04 else 6 * HOUR
        seconds = self.rng.uniform(HOUR, longest)
        self.token_trouble_until = self.hour + seconds / HOUR
        self.log.append(f"token endpoint: {self.break_down('/token', seconds)}")

    def trouble_the_action_endpoint(self) -> None:
        seconds = self.rng.uniform(HOUR, 6 * HOUR)
        self.action_trouble_until = self.hour + seconds / HOUR
        self.log.append(f"action endpoint: {self.break_down('/action', seconds)}")

    def break_down(self, target: str, seconds: float) -> str:
        faults = self.cloud.faults
        ways: dict[str, Callable[[], None]] = {
            "500": lambda: faults.fail(target, for_seconds=seconds),
            "sometimes 503": lambda: faults.fail(target, 503, probability=0.7, for_seconds=seconds),
            "web page": lambda: faults.html(target, for_seconds=seconds),
            "empty 400": lambda: faults.empty(target, for_seconds=seconds),
            "a list": lambda: faults.answer(target, [], for_seconds=seconds),
            "no token": lambda: faults.answer(target, {"code": 200}, for_seconds=seconds),
            "hang-up": lambda: faults.drop(target, for_seconds=seconds),
            "half an answer": lambda: faults.cut_off(target, for_seconds=seconds),
            "429": lambda: faults.rate_limit(target, for_seconds=seconds),
        }
        way = self.rng.choice(list(ways))
        ways[way]()
        return f"{way} for {seconds / HOUR:.0f} h"


def holds_a_token_that_works(world: World, running: Running) -> bool:
    """Ask the cloud's own books, not the gateway's opinion."""
    token = running.gateway.account.tokens.token
    known = world.cloud.grants._access_tokens.get(token.access_token) if token else None
    return known is not None and world.clock.now() < known.expires_at


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize(("seed", "rotation"), YEARS[: metafunc.config.getoption("years")])


@pytest.mark.timeout(600)
async def test_nobody_has_to_sign_in_for_a_year_whatever_goes_wrong_meanwhile(
    seed: int, rotation: Rotation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the gateway asks its jobs and looks for news every minute and lists devices every hour;
    # none of it matters here
    monkeypatch.setattr(scheduler, "LOOK_EVERY", HOUR)
    monkeypatch.setattr(reporter, "CHECK_EVERY", HOUR)
    monkeypatch.setattr(discovery, "EVERY", DAY)
    rng = random.Random(seed)
    options = {**QUIET, "max_retries": 0}
    running = await world.start(**options)
    world.cloud.behaviour.oauth.rotation = rotation
    bad_luck = BadLuck(world.cloud, rng)
    without, demands = [], []
    for hour in range(HOURS_IN_A_YEAR):
        bad_luck.strike()
        if rng.random() < 0.002:
            bad_luck.log.append("restart")
            await world.stop()
            running = await world.start(sign_in=False, **options)
        await world.clock.advance(HOUR + 120)
        if not holds_a_token_that_works(world, running):
            without.append(hour)
        if running.gateway.account.tokens.reauth_required:
            demands.append(hour)
            break
    what_happened = bad_luck.log[-5:]
    assert demands == [], what_happened
    assert without == [], what_happened
    assert world.cloud.calls.by_action["token/authorization_code"] == 1
    assert world.cloud.calls.most_refreshes_at_once == 1
    world.cloud.faults.clear()
    await world.clock.advance(2 * HOUR)
    assert (await running.get("/health"))[1]["health"] == "healthy"
    assert len(bad_luck.log) > 150, "the year was too quiet to prove anything"
