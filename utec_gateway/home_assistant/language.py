"""The language in which the gateway speaks to the people of this installation."""

import logging

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import NotDeliveredError
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.texts.translations import FALLBACK, Texts, Translations

from .core import HomeAssistant

_LOGGER = logging.getLogger(__name__)

AUTO = "auto"
ASK_AGAIN_AFTER = 3600.0
"""Seconds; people may choose another language for their Home Assistant."""
NOT_THERE_FOR = 60.0
"""Seconds; Home Assistant takes its time to start."""


class Language:
    """The option's; with `auto` Home Assistant's, and English until it has said which it is."""

    def __init__(
        self,
        translations: Translations,
        settings: OptionsSource,
        home_assistant: HomeAssistant | None,
        clock: Clock,
    ) -> None:
        self._translations = translations
        self._settings = settings
        self._home_assistant = home_assistant
        self._clock = clock
        self._found = FALLBACK
        self._ask_at = clock.monotonic()

    @property
    def texts(self) -> Texts:
        """Return the texts in the language as it is now."""
        chosen = self._settings.options.language
        return self._translations.of(self._found if chosen == AUTO else chosen)

    def text(self, key: str, **fields: object) -> str:
        """Return a text by its key in the language as it is now."""
        return self.texts.text(key, **fields)

    def due_in(self) -> float:
        """Return seconds until Home Assistant should be asked, infinite when it need not."""
        if self._settings.options.language != AUTO or self._home_assistant is None:
            return float("inf")
        return self._ask_at - self._clock.monotonic()

    async def fetch(self) -> None:
        """Ask Home Assistant for its language; without an answer the last one stays."""
        if self._home_assistant is None:
            return
        self._ask_at = self._clock.monotonic() + ASK_AGAIN_AFTER
        try:
            found = await self._home_assistant.fetch_language()
        except NotDeliveredError as error:
            if error.retryable:
                self._ask_at = self._clock.monotonic() + NOT_THERE_FOR
            _LOGGER.debug("Home Assistant's language is not known: %s", error)
            return
        if found != self._found:
            _LOGGER.info("Notifications use Home Assistant's language: %s", found)
        self._found = found
