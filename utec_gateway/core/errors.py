"""Everything that can go wrong, as the person who reads it needs it.

Three families: TokenRefreshError (no good access token could be had), UtecError (the action
endpoint failed), and one error for each thing that somebody asks for and cannot have.
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
    retry_after: float | None = None
    """Seconds that the server asked its callers to wait, None when it did not."""
    reached: bool = True
    """Whether the request may have got as far as the server."""
    answered: bool = True
    """Whether the server answered, however badly."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        if retry_after is not None:
            self.retry_after = retry_after


class FieldError(GatewayError):
    """What somebody entered was refused; `field` is its name, and nothing was changed."""

    code = "invalid_field"
    http_status = 400

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class OptionsError(FieldError):
    """A setting was refused."""

    code = "invalid_option"


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
    """There is no device of that id."""

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


class TokenRefreshError(GatewayError):
    """No good access token could be had; the subclass says why."""

    code = "token_refresh_failed"
    http_status = 502


class ReauthRequiredError(TokenRefreshError):
    """A person must sign in again."""

    code = "reauth_required"
    http_status = 401


class GrantRefusedError(ReauthRequiredError):
    """The token endpoint refused the grant with an explicit OAuth error (utec-cloud 1.7)."""

    not_run = True
    oauth_error = ""
    """RFC 6749's word for it, for the log."""


class CodeRefusedError(TokenRefreshError):
    """An authorization code was refused; an existing sign-in is untouched."""

    code = "code_refused"
    http_status = 400


class TokenEndpointError(TokenRefreshError):
    """The token endpoint failed or answered rubbish; the sign-in itself may be fine."""

    code = "utec_unavailable"
    http_status = 503
    retryable = True


class TokenRateLimitedError(TokenEndpointError):
    """The token endpoint asked us to slow down."""

    retry_after = 60.0


class TokenAnswerError(TokenEndpointError):
    """An answer without a usable token and without an explicit grant error."""

    code = "utec_protocol"
    http_status = 502


class UtecError(GatewayError):
    """The action endpoint did not do as asked."""

    code = "utec_error"
    http_status = 502


class UtecUnavailableError(UtecError):
    """A time-out or a lost connection: nobody knows whether the request ran."""

    code = "utec_unavailable"
    http_status = 503
    retryable = True
    answered = False


class UtecUnreachableError(UtecUnavailableError):
    """No connection could be made, so nothing was sent."""

    not_run = True
    reached = False


class UtecServerError(UtecUnavailableError):
    """The cloud answered that it failed, with 5xx mostly; the request may have run."""

    answered = True


class UtecRateLimitedError(UtecUnavailableError):
    """The cloud asked us to slow down, before it looked at the request."""

    not_run = True
    answered = True
    retry_after = 60.0


class UtecProtocolError(UtecUnavailableError):
    """An answer that is not the protocol's: HTML, a cut-off body, JSON of another shape."""

    code = "utec_protocol"
    http_status = 502
    answered = True


class UtecRejectedError(UtecError):
    """The cloud understood the request and refused it; `utec_code` is its own word."""

    code = "utec_rejected"
    not_run = True

    def __init__(self, message: str, utec_code: str) -> None:
        super().__init__(message)
        self.utec_code = utec_code


class InvalidTokenError(UtecError):
    """The access token was refused, so the request was not run (http-contract 3)."""

    code = "invalid_token"
    http_status = 502
    not_run = True
