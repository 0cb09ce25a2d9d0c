"""What is known of the broker, and what the log says of it: each problem once."""

import logging

from utec_gateway.plugin_api import BrokerState, BrokerStatus, Clock

from .broker import Broker

_LOGGER = logging.getLogger(__name__)

PROBLEMS = frozenset({BrokerState.UNREACHABLE, BrokerState.REFUSED, BrokerState.DENIED})


class BrokerLog:
    """Owns how the connection stands."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.status = BrokerStatus()

    @property
    def state(self) -> BrokerState:
        """Return how the connection stands, without the rest."""
        return self.status.state

    def connecting(self, broker: Broker) -> None:
        """Enter that a broker is being asked; a problem with it lasts until it answers."""
        if self.state not in PROBLEMS or self.status.address != broker.address:
            self.enter(BrokerState.CONNECTING, broker)

    def connected(self, broker: Broker) -> None:
        """Enter that the broker takes and gives what it should."""
        _LOGGER.info("Connected to the MQTT broker %s", broker.address)
        self.enter(BrokerState.CONNECTED, broker)

    def failed(self, state: BrokerState, problem: str, broker: Broker | None = None) -> None:
        """Enter a problem; that of a broker that was there may be a restart."""
        if problem != self.status.problem:
            level = logging.INFO if self.state is BrokerState.CONNECTED else logging.WARNING
            _LOGGER.log(level, "%s; the gateway tries again", problem)
        self.enter(state, broker, problem)

    def enter(self, state: BrokerState, broker: Broker | None = None, problem: str = "") -> None:
        """Enter how the connection stands now."""
        since = self.status.since if self.state is state else self._clock.now()
        self.status = BrokerStatus(
            state,
            broker.address if broker else "",
            problem,
            since,
            is_from_supervisor=broker is not None and broker.is_from_supervisor,
        )
