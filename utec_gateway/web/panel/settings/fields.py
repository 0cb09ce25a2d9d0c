"""One option in a form: shown, read, and compared with what it was changed to elsewhere."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from utec_gateway.options.changes import FLAT_VALIDATORS
from utec_gateway.options.email_addresses import recipients
from utec_gateway.options.readers import OneOf, Reader, WholeNumber, flag
from utec_gateway.options.schema import Options
from utec_gateway.options.secret_destinations import SECRETS
from utec_gateway.web.panel.forms import Form

IN_EMAIL = "email."
IN_MQTT = "mqtt."
"""Prefixes of the options in those groups."""
KINDS: dict[Reader, str] = {flag: "switch", recipients: "lines"}


@dataclass(frozen=True)
class Field:
    """An option by its name; those of a group are named `email.smtp_port`."""

    name: str

    @property
    def reader(self) -> Reader:
        """Return its validator, which knows its limits."""
        return FLAT_VALIDATORS[self.name]

    @property
    def kind(self) -> str:
        """Return the kind of its form control: switch, number, choice, lines, password or text."""
        if self.name in SECRETS:
            return "password"
        if isinstance(self.reader, WholeNumber):
            return "number"
        return "choice" if isinstance(self.reader, OneOf) else KINDS.get(self.reader, "text")

    @property
    def id(self) -> str:
        """Return the id of its element on the page."""
        return self.name.replace(".", "-")

    def value(self, options: Options) -> Any:
        """Return its value."""
        return attrgetter(self.name)(options)

    def text(self, options: Options) -> str:
        """Return how the form shows it; a password is never shown."""
        value = self.value(options)
        match self.kind:
            case "switch":
                return "on" if value else "off"
            case "lines":
                return "\n".join(value)
            case "password":
                return ""
            case _:
                return str(value)

    def shown(self, options: Options, typed: Form) -> str:
        """Return the content of its form control; what was typed is kept when a form is refused."""
        if self.kind != "password" and self.is_changed(typed):
            return typed[self.name]
        return self.text(options)

    def is_changed(self, form: Form) -> bool:
        """Tell whether the form was changed here."""
        shown = form.get(f"was.{self.name}", "")
        return self.name in form and _lines(form[self.name]) != _lines(shown)

    def is_overtaken(self, form: Form, options: Options) -> bool:
        """Tell whether the option was changed elsewhere since the form was shown."""
        shown = form.get(f"was.{self.name}")
        return shown is not None and _lines(shown) != _lines(self.text(options))

    def read(self, typed: str) -> Any:
        """Return what was typed as a value of the option; raise ValueError with a sentence."""
        raw: Any = typed
        match self.kind:
            case "switch":
                raw = typed == "on"
            case "lines":
                raw = _lines(typed)
            case "number" if typed.strip().isdecimal():
                raw = int(typed)
        return self.reader(raw)


def _lines(text: str) -> list[str]:
    """Return the lines that are not empty, whatever their line endings."""
    return [line.strip() for line in text.splitlines() if line.strip()]
