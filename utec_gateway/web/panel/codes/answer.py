"""The one answer that shows a code: what came of it on each lock, and what to send the guest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from utec_gateway.access_codes.code import Code
from utec_gateway.access_codes.several_locks import LockOutcome
from utec_gateway.core.access_codes import Guest
from utec_gateway.core.errors import FieldError, GatewayError
from utec_gateway.core.models import Device
from utec_gateway.core.zone import Zone
from utec_gateway.web.i18n import Translator

from .schedule_words import moment, narrowed


@dataclass(frozen=True)
class Line:
    """What came of a guest on one lock."""

    lock: str
    words: Markup
    tone: str


@dataclass(frozen=True)
class Answer:
    """What is shown above the page; a code in it is shown nowhere else."""

    title: Markup
    code: Code | None
    share: Markup
    lines: tuple[Line, ...] = ()


def made(t: Translator, outcomes: Sequence[LockOutcome], zone: Zone, today: date) -> Answer:
    """Return what came of a new guest on each lock."""
    lines = tuple(_lines(t, outcomes))
    results = [(one.device, one.made) for one in outcomes if one.made]
    new = [(device, result) for device, result in results if result.code]
    if not results:
        return Answer(t("codes.made_nowhere"), None, Markup(), lines)
    guest = results[0][1].guest
    if not new:
        return Answer(t("codes.made_before", name=guest.name), None, Markup(), lines)
    code = new[0][1].code
    share = _share(t, [device for device, _ in new], guest, code, zone, today)
    return Answer(t("codes.code_for", name=guest.name), code, share, lines)


def shown(
    t: Translator, device: Device, guest: Guest, code: Code, zone: Zone, today: date
) -> Answer:
    """Return the code of a guest who has it already."""
    share = _share(t, [device], guest, code, zone, today)
    return Answer(t("codes.code_for", name=guest.name), code, share)


def _lines(t: Translator, outcomes: Sequence[LockOutcome]) -> Iterator[Line]:
    for one in outcomes:
        if one.error:
            why = t.sentence(_problem(one.error))
            yield Line(one.device.name, t("codes.refused", why=why), "error")
        elif one.made and one.made.code is None:
            yield Line(one.device.name, t("codes.shown_before"), "good")
        else:
            is_offline = one.device.is_offline
            yield Line(
                one.device.name,
                t("codes.accepted_offline" if is_offline else "codes.accepted"),
                "warning" if is_offline else "good",
            )


def _problem(error: GatewayError) -> object:
    return error.problem if isinstance(error, FieldError) else error


def _share(
    t: Translator,
    devices: Sequence[Device],
    guest: Guest,
    code: Code | None,
    zone: Zone,
    today: date,
) -> Markup:
    return t(
        "codes.share",
        locks=", ".join(device.name for device in devices),
        code=code.digits if code else "",
        starts=moment(t, guest.schedule.starts, today),
        ends=moment(t, guest.schedule.ends, today),
        narrowed=narrowed(t, guest.schedule),
        zone=zone.name,
    )
