"""The page's sections: which options stand in each, and what is set there now in one line."""

from collections.abc import Collection, Mapping

from markupsafe import Markup

from utec_gateway.options.schema import EMAIL_VALIDATORS, MQTT_VALIDATORS, Options
from utec_gateway.options.secret_destinations import UTEC
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.forms import Form

from .fields import IN_EMAIL, IN_MQTT, Field

EMAIL = tuple(Field(f"{IN_EMAIL}{name}") for name in EMAIL_VALIDATORS)
RARE = frozenset(
    f"{IN_MQTT}{name}" for name in ("ca_certificate", "version", "discovery_prefix", "base_topic")
)
"""What hardly anybody changes of MQTT."""
GROUPS = {
    "mqtt": tuple(Field(f"{IN_MQTT}{name}") for name in MQTT_VALIDATORS),
    "telling": (Field("notify_home_assistant"), Field("language"), *EMAIL),
    "asking": tuple(
        Field(name)
        for name in (
            "allow_unlock",
            "manage_codes",
            "poll_interval_seconds",
            "stale_after_seconds",
            "max_retries",
            "push",
            "push_url",
        )
    ),
    "renewing": tuple(
        Field(name)
        for name in ("auto_refresh_enabled", "refresh_buffer_minutes", "renew_every_hours")
    ),
    "logging": (Field("log_level"),),
    "moving": tuple(Field(name) for name in (*UTEC.settings, UTEC.secret)),
}
"""The sections of options, in their order; only what was changed in them is saved."""
MOVED = tuple(Field(name) for name in UTEC.settings)
FIELDS = tuple(field for group in GROUPS.values() for field in group)


def section_of(name: str) -> str:
    """Return the section in which an option stands."""
    return next(key for key, group in GROUPS.items() if Field(name) in group)


def touched(problems: Collection[str], typed: Form, saved: Collection[str]) -> frozenset[str]:
    """Return the sections with a problem, with what is not saved yet, or with what just was."""
    names = {field.name for field in FIELDS if field.is_changed(typed)}
    return frozenset(section_of(name) for name in {*names, *problems, *saved})


def summaries(options: Options, t: Translator) -> Mapping[str, Markup]:
    """Return what is set now, section by section; MQTT's line follows its connection."""
    is_default = all(field.value(options) == field.value(Options()) for field in MOVED)
    return {
        "telling": t(
            "settings.now.telling",
            home=t(_switch(is_on=options.notify_home_assistant)),
            email=t(_switch(is_on=options.email.enabled)),
        ),
        "asking": t(
            "settings.now.asking_on" if options.allow_unlock else "settings.now.asking_off",
            seconds=options.poll_interval_seconds,
        ),
        "renewing": t(
            f"settings.now.renewing_{_refresh(options)}", hours=options.renew_every_hours
        ),
        "logging": t.word("log_level", options.log_level),
        "moving": t("settings.now.moving_default" if is_default else "settings.now.moving_own"),
    }


def _switch(*, is_on: bool) -> str:
    return "settings.on" if is_on else "settings.off"


def _refresh(options: Options) -> str:
    if not options.auto_refresh_enabled:
        return "off"
    return "on" if options.renew_every_hours else "late"
