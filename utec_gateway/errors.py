"""Everything that can go wrong, as the person who reads it needs it.

GatewayError                        code, HTTP status, and whether trying again may help
├── OptionsError                    a setting that cannot be taken
├── InvalidRequestError             the client sent something we cannot read
├── UnauthorizedError               who are you?
├── TooManyAttemptsError            too many wrong keys from one peer
├── ForbiddenError                  a browser was lured here, or the peer has no business here
├── UnknownDeviceError              no such device in the picture
├── PassageModeError                the lock cannot lock while it is held open
├── DeviceOfflineError              the cloud cannot reach the lock
├── NotConfirmedError               the command may or may not have run
├── StateNotSavedError              the disk refused the state file
├── NotDeliveredError               a notifier could not deliver
├── PluginError                     a plugin broke its promise; the text names it
├── SupervisorError                 Home Assistant's Supervisor failed or is absent
│   └── SupervisorRefusedError      … understood, and said no
├── TokenRefreshError               no good access token could be had
│   ├── ReauthRequiredError         a person must sign in again
│   │   └── GrantRefusedError       … because the token endpoint said so
│   ├── CodeRefusedError            an authorization code is expired, used or not ours
│   └── TokenEndpointError          the token endpoint failed; the sign-in may be fine
│       └── TokenAnswerError        … with an answer that holds no token and no reason
└── UtecError                       the action endpoint failed
    ├── UtecUnavailableError        time-out, 5xx, connection lost: the request may have run
    │   └── UtecUnreachableError    no connection: the request was never sent
    ├── UtecRateLimitedError        asked to slow down: not run
    ├── UtecProtocolError           an answer that is not the protocol's
    ├── UtecRejectedError           the cloud understood and refused
    └── InvalidTokenError           the access token was refused: not run
"""

from typing import ClassVar


class GatewayError(Exception):
    """An expected failure: its text is for a person and never holds a secret."""

    code: ClassVar[str] = "gateway_error"
    http_status: ClassVar[int] = 500
    retryable: bool = False
    """Whether the same request may succeed a moment later."""
    not_run: ClassVar[bool] = False
    """Whether the failure proves that the cloud did not act on the request."""


class OptionsError(GatewayError):
    """A setting was refused; `field` is its name."""

    code = "invalid_option"
    http_status = 400

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class InvalidRequestError(GatewayError):
    """The client's request cannot be understood; nothing was changed."""

    code = "invalid_request"
    http_status = 400


class UnauthorizedError(GatewayError):
    """The caller showed no key and is not on a trusted network."""

    code = "unauthorized"
    http_status = 401


class TooManyAttemptsError(GatewayError):
    """One peer failed to show a good key too often."""

    code = "too_many_attempts"
    http_status = 429


class ForbiddenError(GatewayError):
    """A browser was led here by another site."""

    code = "forbidden"
    http_status = 403


class UnknownDeviceError(GatewayError):
    """No device of that id is in the picture."""

    code = "unknown_device"
    http_status = 404


class PassageModeError(GatewayError):
    """A lock in passage mode accepts "lock" and ignores it (utec-cloud 5.4)."""

    code = "passage_mode"
    http_status = 409


class DeviceOfflineError(GatewayError):
    """The cloud cannot reach the device; nothing was run."""

    code = "device_offline"
    http_status = 503


class NotConfirmedError(GatewayError):
    """An unlock whose outcome is unknown; it is never sent twice."""

    code = "not_confirmed"
    http_status = 504


class StateNotSavedError(GatewayError):
    """The disk refused the state file."""

    code = "state_not_saved"
    http_status = 503


class NotDeliveredError(GatewayError):
    """A notifier could not deliver; `retryable` says whether trying again may help."""

    code = "not_delivered"
    http_status = 502

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class PluginError(GatewayError):
    """A plugin did not load, hung, or answered with something else than its hook promises."""

    code = "plugin_failed"
    http_status = 502


class SupervisorError(GatewayError):
    """The Supervisor could not be asked; whatever was to change has not."""

    code = "supervisor_unavailable"
    http_status = 503


class SupervisorRefusedError(SupervisorError):
    """The Supervisor said no, in its own words."""

    code = "invalid_option"
    http_status = 400


class TokenRefreshError(GatewayError):
    """No good access token could be had; the subclass says why."""

    code = "token_refresh_failed"
    http_status = 502


class ReauthRequiredError(TokenRefreshError):
    """A person must sign in again."""

    code = "reauth_required"
    http_status = 401


class GrantRefusedError(ReauthRequiredError):
    """The token endpoint refused the grant in so many words (utec-cloud 1.7)."""

    not_run = True


class CodeRefusedError(TokenRefreshError):
    """An authorization code was refused; an existing sign-in is untouched."""

    code = "code_refused"
    http_status = 400


class TokenEndpointError(TokenRefreshError):
    """The token endpoint failed or answered rubbish; the sign-in itself may be fine."""

    code = "utec_unavailable"
    http_status = 503
    retryable = True


class TokenAnswerError(TokenEndpointError):
    """An answer without a usable token and without an explicit grant error."""

    code = "utec_protocol"
    http_status = 502


class UtecError(GatewayError):
    """The action endpoint did not do as asked."""

    code = "utec_error"
    http_status = 502


class UtecUnavailableError(UtecError):
    """Time-out, 5xx or a lost connection: nobody knows whether the request ran."""

    code = "utec_unavailable"
    http_status = 503
    retryable = True


class UtecUnreachableError(UtecUnavailableError):
    """No connection could be made, so nothing was sent."""

    not_run = True


class UtecRateLimitedError(UtecUnavailableError):
    """The cloud asked us to slow down; `retry_after` is in seconds, if it said."""

    not_run = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UtecProtocolError(UtecUnavailableError):
    """An answer that is not the protocol's: HTML, a cut-off body, JSON of another shape."""

    code = "utec_protocol"
    http_status = 502


class UtecRejectedError(UtecError):
    """The cloud understood the request and refused it; `utec_code` is its own word."""

    code = "utec_rejected"
    not_run = True

    def __init__(self, message: str, utec_code: str) -> None:
        super().__init__(message)
        self.utec_code = utec_code


class InvalidTokenError(UtecError):
    """The access token was refused, so the request was not run (contract section 3)."""

    code = "invalid_token"
    http_status = 502
    not_run = True
