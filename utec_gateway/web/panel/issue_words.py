"""Issues as a page says them: in the reader's language, with times that the browser shows."""

from markupsafe import Markup

from utec_gateway.core.issue import Text
from utec_gateway.issues.wording import Wording
from utec_gateway.web.i18n import Translator

from .time_tags import time_tag


def said(text: Text, t: Translator) -> Markup:
    """Return an issue's text as markup; whoever reads it is in the panel already."""
    return Markup(Wording(lambda: t, time_tag, names_people=True)(text))  # noqa: S704 - a Translator escapes
