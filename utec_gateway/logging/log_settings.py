"""What the options say of the log: how much is written, what must not be, what they lay open."""

from operator import attrgetter

from utec_gateway.core.events import Event
from utec_gateway.options.exposures import exposures, log_exposures
from utec_gateway.options.schema import Options
from utec_gateway.options.secret_destinations import SECRETS

from .log_file import set_level
from .redactor import Redactor


class LogSettings:
    """Has the log follow the options."""

    def __init__(
        self, options_changed: Event[Options], redactor: Redactor, *, has_supervisor: bool
    ) -> None:
        self._redactor = redactor
        self._has_supervisor = has_supervisor
        options_changed.subscribe(self._follow)

    def _follow(self, options: Options) -> None:
        set_level(options.log_level)
        for name in SECRETS:
            self._redactor.pin(name, attrgetter(name)(options))
        log_exposures(exposures(options, has_supervisor=self._has_supervisor))
