"""The named alternatives between which the switches of the simulator choose."""

from enum import StrEnum


class CallbackParameter(StrEnum):
    """A2: how the authorization code is called on its way back."""

    CODE = "code"
    AUTHORIZATION_CODE = "authorization_code"
    BOTH = "both"


class CallbackState(StrEnum):
    """A2: what becomes of `state`; all but ECHOED play an attack."""

    ECHOED = "echoed"
    DROPPED = "dropped"
    ALTERED = "altered"


class TokenShape(StrEnum):
    """A5: the two success shapes of the token endpoint, or each in turn."""

    ENVELOPED = "enveloped"
    FLAT = "flat"
    ALTERNATING = "alternating"


class ExpiresInShape(StrEnum):
    """A6: how `expires_in` is written; the token's real life is unaffected."""

    NUMBER = "number"
    STRING = "string"
    MISSING = "missing"


class Rotation(StrEnum):
    """A7: what a refresh does to the refresh token that was presented."""

    KEEP_OLD = "keep_old"
    REVOKE_AT_ONCE = "revoke_at_once"
    REVOKE_ON_FIRST_USE = "revoke_on_first_use"
    NO_NEW_TOKEN = "no_new_token"  # noqa: S105 - the name of a choice, not a secret


class GrantErrorShape(StrEnum):
    """A9: how the token endpoint says no."""

    FLAT_200 = "flat_200"
    ENVELOPE_MESSAGE = "envelope_message"
    ENVELOPE_DATA_MESSAGE = "envelope_data_message"
    RFC_400 = "rfc_400"
    RFC_401 = "rfc_401"


class BadTokenAnswer(StrEnum):
    """B1: how `/action` refuses an access token."""

    ENVELOPE_200 = "envelope_200"
    HTTP_401 = "http_401"


class ConfigureAnswer(StrEnum):
    """B3: what a successful Configure/Set answers."""

    EMPTY_LIST = "empty_list"
    EMPTY_OBJECT = "empty_object"
    HTTP_500 = "http_500"


class ExtraFields(StrEnum):
    """B8: how many objects carry a field nobody has documented."""

    NONE = "none"
    FEW = "few"
    MANY = "many"


class Casing(StrEnum):
    """B8: capabilities and values as captured, or as the vendor's samples print them."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"


class UserCasing(StrEnum):
    """B8: the names of the names in User/Get."""

    SNAKE = "snake"
    DOCUMENTED = "documented"


class QueryShape(StrEnum):
    """B9: what Query says of one device."""

    NORMAL = "normal"
    OMITTED = "omitted"
    ERROR = "error"
    EMPTY_STATES = "empty_states"
    NULL_STATES = "null_states"


class FullLockAnswer(StrEnum):
    """C9: what becomes of a user for whom the lock has no room."""

    REFUSED = "refused"
    ACKNOWLEDGED = "acknowledged"


class UserListShape(StrEnum):
    """C9: what `list` answers; in the last two the newest user lacks something."""

    NORMAL = "normal"
    NULL = "null"
    MISSING = "missing"
    WITHOUT_ID = "without_id"
    WITHOUT_NAME = "without_name"


class PushAuthorization(StrEnum):
    """E1: what a push carries in its Authorization header."""

    REGISTERED = "registered"
    WRONG = "wrong"
    MISSING = "missing"


class PushShape(StrEnum):
    """E3: how a push says what a device is like; PARTIAL never says whether a lock is locked."""

    NESTED = "nested"
    STATES_MAPPING = "states_mapping"
    PAYLOAD_LIST = "payload_list"
    TOP_LEVEL_LIST = "top_level_list"
    ID_ONLY = "id_only"
    PARTIAL = "partial"


class OppositeCommands(StrEnum):
    """D7: which command acts when a second one arrives while the first is pending."""

    LAST_WINS = "last_wins"
    FIRST_WINS = "first_wins"
    BOTH = "both"
