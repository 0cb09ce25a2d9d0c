"""How pushes stand, in a few lines: shown, and never an alarm."""

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup

from utec_gateway.devices.push_hints import PushRecord, is_silent
from utec_gateway.plugin_api.push_status import PushState, PushStatus
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.time_tags import ago_tag


def push_lines(
    t: Translator, status: PushStatus, own_address: str, record: PushRecord, now: datetime
) -> tuple[Markup, ...]:
    """Return how the registration stands, and how pushes have done since the start."""
    registration = _registration(t, status, own_address)
    is_off = status.state in {PushState.OFF, PushState.NO_ADDRESS}
    return (registration,) if is_off else (registration, *_record(t, record, now))


def _registration(t: Translator, status: PushStatus, own_address: str) -> Markup:
    if status.state is PushState.NO_ADDRESS and own_address:
        return t("push.unreachable", address=own_address)
    return t(f"push.{status.state}", host=status.host, why=t.sentence(status.problem))


def _record(t: Translator, record: PushRecord, now: datetime) -> Iterator[Markup]:
    if record.last is None:
        yield t("push.never")
    else:
        yield t("push.last", ago=ago_tag(record.last))
    if record.judged:
        yield t("push.right", right=record.right, judged=record.judged)
    if record.unpushed_move and is_silent(record, now):
        yield t("push.silent", ago=ago_tag(record.unpushed_move))
