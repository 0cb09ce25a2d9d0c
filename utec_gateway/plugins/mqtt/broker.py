"""Which broker to use, and how to reach it."""

from dataclasses import dataclass, field

from aiomqtt import Client, ProtocolVersion, TLSParameters, Will

from utec_gateway.plugin_api import MqttOptions, MqttService, PluginContext

DEADLINE = 10.0
"""Seconds for each exchange with the broker."""
KEEPALIVE = 30
MOST_WAITING = 200
"""Messages; more are dropped, so that nobody fills our memory."""


@dataclass(frozen=True)
class Broker:
    """Where a broker is, and what opens it."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    is_encrypted: bool
    options: MqttOptions = field(repr=False)
    is_from_supervisor: bool = False

    @property
    def address(self) -> str:
        """Return what people know it by."""
        return f"{self.host}:{self.port}"

    @property
    def is_version_5(self) -> bool:
        """Tell whether MQTT 5 is spoken with it."""
        return self.options.version == "5"

    def client(self, identifier: str, bridge: str) -> Client:
        """Return a new client, whose broker keeps nothing of it and says `offline` when it is gone.

        A session that is kept replays queued commands, which then look like live ones (mqtt 4).
        """
        tls = TLSParameters(ca_certs=self.options.ca_certificate or None)
        return Client(
            self.host,
            self.port,
            username=self.username or None,
            password=self.password or None,
            identifier=identifier,
            protocol=ProtocolVersion.V5 if self.is_version_5 else ProtocolVersion.V311,
            clean_session=None if self.is_version_5 else True,
            will=Will(bridge, "offline", qos=1, retain=True),
            tls_params=tls if self.is_encrypted else None,
            timeout=DEADLINE,
            keepalive=KEEPALIVE,
            max_queued_incoming_messages=MOST_WAITING,
        )


async def find_broker(context: PluginContext) -> Broker | None:
    """Return the broker of the options, else the Supervisor's, with its present password.

    Raises GatewayError when the Supervisor does not answer.
    """
    options = context.settings.options.mqtt
    if options.host:
        return _of_the_options(options)
    service = await context.mqtt_service() if context.mqtt_service else None
    if service is None:
        return None
    context.conceal("mqtt service", service.password)
    return _of_the_supervisor(service, options)


def _of_the_options(options: MqttOptions) -> Broker:
    return Broker(
        options.host,
        options.port,
        options.username,
        options.password,
        options.encryption == "tls",
        options,
    )


def _of_the_supervisor(service: MqttService, options: MqttOptions) -> Broker:
    return Broker(
        service.host,
        service.port,
        service.username,
        service.password,
        service.is_encrypted,
        options,
        is_from_supervisor=True,
    )
