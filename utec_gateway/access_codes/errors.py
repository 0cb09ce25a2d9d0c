"""What can keep a guest from getting in, in words for who manages the codes."""

from utec_gateway.core.errors import GatewayError


class CodesNotManagedError(GatewayError):
    """The option `manage_codes` is off; U-tec was not asked."""

    code = "codes_not_managed"
    http_status = 403

    def __init__(self) -> None:
        super().__init__('Access codes are not managed. Turn on the option "manage_codes" first')


class UnknownGuestError(GatewayError):
    """Nobody of that id has a code of ours for this lock."""

    code = "unknown_user"
    http_status = 404

    def __init__(self) -> None:
        super().__init__("Nobody with this id has a code that the gateway made for this lock")


class NotOurGuestError(GatewayError):
    """A user that the gateway did not make is not touched."""

    code = "not_our_user"
    http_status = 403

    def __init__(self) -> None:
        super().__init__(
            "The gateway did not make this user, so it does not touch it. Use U-tec's own app"
        )


class GuestIsLeavingError(GatewayError):
    """Somebody took the code back already."""

    code = "user_is_leaving"
    http_status = 409

    def __init__(self) -> None:
        super().__init__("This code is being taken back. Make a new one instead")


class NotListedError(GatewayError):
    """U-tec does not list the guest, so that there is nothing to read."""

    code = "user_not_listed"
    http_status = 409

    def __init__(self) -> None:
        super().__init__("U-tec does not list this guest, so there is no code to show")


class EarlierChangeError(GatewayError):
    """A lock takes one change at a time."""

    code = "earlier_change"
    http_status = 503
    retryable = True

    def __init__(self, retry_after: float) -> None:
        super().__init__(
            "The lock's earlier change is not confirmed yet, so this one was not sent. "
            "Try again in a minute",
            retry_after=retry_after,
        )


class KeyReusedError(GatewayError):
    """A client's key stands for another guest."""

    code = "key_reused"
    http_status = 422

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another guest. Nothing was changed")


class SentBeforeError(GatewayError):
    """A request for several locks was repeated; nobody is made by it any more."""

    code = "sent_before"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(
            "This was sent before, and nothing was made on this lock then. Add the guest to it anew"
        )
