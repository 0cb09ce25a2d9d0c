"""Which steps of the set-up are done: derived from the present state, stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.models import Device
from utec_gateway.options.schema import Options


class Step(StrEnum):
    """The steps in their order."""

    CREDENTIALS = "credentials"
    REDIRECT = "redirect"
    CONNECT = "connect"
    LOCKS = "locks"
    HOME = "home"


class State(StrEnum):
    """How far a step is, in a word."""

    DONE = "done"
    NEXT = "next"
    AFTER = "after"
    """It may be started already, once the present one is done."""
    WAITING = "waiting"
    OPTIONAL = "optional"


OPEN_WITH = {Step.REDIRECT: Step.CONNECT, Step.LOCKS: Step.HOME}
"""The step that may be started already: only the user knows whether the address is registered,
and a missing lock is no reason to wait with the others."""


@dataclass(frozen=True)
class Steps:
    """Which steps are done; everything else follows."""

    done: frozenset[Step]
    is_in_home_assistant: bool = False
    """Whether the last step is seen to be done, by way of the broker."""

    @property
    def present(self) -> Step:
        """Return what is to be done now; the last step is done in Home Assistant, unseen."""
        return next(step for step in Step if step not in self.done)

    @property
    def is_first_run(self) -> bool:
        """Tell whether nothing has been done yet."""
        return not self.done

    @property
    def is_signed_in(self) -> bool:
        """Tell whether nobody needs to sign in."""
        return Step.CONNECT in self.done

    def number_of(self, step: Step) -> int:
        """Return a step's number, from 1."""
        return list(Step).index(step) + 1

    def is_open(self, step: Step) -> bool:
        """Tell whether a step shows all that it holds."""
        return step in {self.present, OPEN_WITH.get(self.present)}

    def state_of(self, step: Step) -> State:
        """Return how far a step is; the gateway does its work without the last one."""
        if step in self.done or (step == Step.HOME and self.is_in_home_assistant):
            return State.DONE
        if not self.is_open(step):
            return State.WAITING
        if step == Step.HOME:
            return State.OPTIONAL
        return State.NEXT if step == self.present else State.AFTER

    def is_later(self, step: Step) -> bool:
        """Tell whether a step has to wait for those before it."""
        return step not in self.done and not self.is_open(step)


def steps_of(
    options: Options,
    tokens: TokenSource,
    devices: Iterable[Device],
    *,
    is_sign_in_under_way: bool,
    is_in_home_assistant: bool,
) -> Steps:
    """Return which steps are done."""
    has_opened_utec = tokens.token is not None or is_sign_in_under_way
    progress = {
        Step.CREDENTIALS: bool(options.client_id and options.client_secret),
        Step.REDIRECT: bool(options.redirect_uri) and has_opened_utec,
        Step.CONNECT: not tokens.reauth_required,
        Step.LOCKS: any(device.is_lock for device in devices),
    }
    done = [step for step, is_done in progress.items() if is_done]
    if tokens.token is None:  # locks that were known before are no proof of anything
        done = [step for step in done if step is not Step.LOCKS]
    return Steps(frozenset(done), is_in_home_assistant)
