"""How pushes stand, in a line or two: shown, and never an alarm."""

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup

from utec_gateway.devices.push_hints import PushRecord, is_silent
from utec_gateway.plugin_api.push_status import PushState, PushStatus
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.time_tags import ago_tag


def push_lines(
    t: Translator, status: PushStatus, record: PushRecord, now: datetime
) -> tuple[Markup, ...]:
    """Return how the registration stands, and how pushes have done since the start."""
    return tuple(_lines(t, status, record, now))


def _lines(
    t: Translator, status: PushStatus, record: PushRecord, now: datetime
) -> Iterator[Markup]:
    why = t.sentence(status.problem) if status.state is PushState.FAILED else ""
    yield t(f"push.{status.state}", host=status.host, why=why)
    if status.state is not PushState.REGISTERED:
        return
    if record.last is None:
        yield t("push.never")
    else:
        ago = ago_tag(record.last)
        yield t("push.last", ago=ago, right=record.right, judged=record.judged)
    if record.unpushed_move and is_silent(record, now):
        yield t("push.silent", ago=ago_tag(record.unpushed_move))
