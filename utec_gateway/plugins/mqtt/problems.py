"""What goes wrong with a broker, in words for those who can mend it."""

import socket
import ssl

from aiomqtt import MqttCodeError, MqttError
from aiomqtt.exceptions import MqttConnectError

from utec_gateway.plugin_api import BrokerState, GatewayError, sanitize

from .broker import Broker

LONGEST_WORDS = 150
LOGIN_REFUSED = frozenset({4, 5, 134, 135})
"""Bad user name or password, not authorized; in MQTT 3.1.1 and in MQTT 5."""


def explained(error: BaseException, broker: Broker) -> tuple[BrokerState, str]:
    """Return how the connection stands after an error, and what to do."""
    at = f"The MQTT broker {broker.address}"
    error = _first(error)
    cause = _root(error)
    match error:
        case GatewayError():
            return BrokerState.DENIED, str(error)
        case MqttConnectError() if _code(error) in LOGIN_REFUSED:
            advice = (
                "install its app again or restart it"
                if broker.is_from_supervisor
                else "check user name and password in the settings"
            )
            return BrokerState.REFUSED, f"{at} refuses the login: {advice}"
        case MqttConnectError():
            return BrokerState.UNREACHABLE, f"{at} refuses the connection ({error})"
    match cause:
        case ssl.SSLCertVerificationError():
            problem = (
                f"shows a certificate that cannot be verified ({cause.verify_message}): set "
                "ca_certificate, and host to the name in the certificate"
            )
        case ssl.SSLError():
            problem = "cannot agree on TLS with the gateway: check port and encryption"
        case FileNotFoundError():
            problem = "was not asked: there is no file at ca_certificate"
        case socket.gaierror():
            problem = "cannot be found: check the host"
        case ValueError() if not isinstance(cause, OSError):
            problem = f"was not asked, the settings do not fit ({cause})"
        case _:
            problem = f"does not answer ({sanitize(str(cause), LONGEST_WORDS)})"
    return BrokerState.UNREACHABLE, f"{at} {problem}"


def _first(error: BaseException) -> BaseException:
    """Return the first of a group of errors, or the one that there is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _root(error: BaseException) -> BaseException:
    """Return what is behind an error of the client's."""
    while isinstance(error, MqttError) and (behind := error.__cause__ or error.__context__):
        error = behind
    return error


def _code(error: MqttCodeError) -> int:
    return int(getattr(error.rc, "value", error.rc))  # type: ignore[arg-type]
