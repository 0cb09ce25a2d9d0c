"""The switches: all the cloud can do differently, with what was observed as default.

The text beside each type names the row of the fault table (utec-cloud 9). Rows that are missing
here (A8, A10, B4, most of B5, half of B6, D6) are scripted faults: see `faults`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

from .enums import (
    BadTokenAnswer,
    CallbackParameter,
    CallbackState,
    Casing,
    ConfigureAnswer,
    ExpiresInShape,
    ExtraFields,
    FullLockAnswer,
    GrantErrorShape,
    OppositeCommands,
    PushAuthorization,
    PushShape,
    QueryShape,
    Rotation,
    TokenShape,
    UserCasing,
    UserListShape,
)

REDIRECT_URIS = ("http://localhost:9501", "https://my.home-assistant.io/redirect/oauth")


@dataclass(slots=True)
class OAuthBehaviour:
    """Rows A: the pages a person sees and the token endpoint.

    Lifetimes are seconds. `refresh_token_shape` None means "as `token_shape`"; `refuse_grants`
    answers every grant with `invalid_grant`; `access_token_calls` lets a token die of use.
    """

    redirect_uris: Annotated[tuple[str, ...], "A1"] = REDIRECT_URIS
    error_page_status: Annotated[int, "A1"] = 400
    callback_parameter: Annotated[CallbackParameter, "A2"] = CallbackParameter.CODE
    callback_state: Annotated[CallbackState, "A2"] = CallbackState.ECHOED
    client_secret_required: Annotated[bool, "A3"] = False
    post_query_accepted: Annotated[bool, "A4"] = False
    token_shape: Annotated[TokenShape, "A5"] = TokenShape.ENVELOPED
    refresh_token_shape: Annotated[TokenShape | None, "A5"] = None
    expires_in: Annotated[int, "A6"] = 601200
    expires_in_shape: Annotated[ExpiresInShape, "A6"] = ExpiresInShape.NUMBER
    rotation: Annotated[Rotation, "A7"] = Rotation.KEEP_OLD
    refresh_token_lifetime: Annotated[float | None, "A7"] = None
    grant_error_shape: Annotated[GrantErrorShape, "A9"] = GrantErrorShape.FLAT_200
    refuse_grants: Annotated[bool, "A9"] = False
    code_lifetime: Annotated[float, "A11"] = 45.0
    code_reusable: Annotated[bool, "A11"] = False
    access_token_calls: Annotated[int | None, "A12"] = None
    logout_revokes: Annotated[bool, "A12"] = False


@dataclass(slots=True)
class ActionBehaviour:
    """Rows B: the `/action` endpoint as a whole.

    A request takes between `latency` and `latency_at_most` seconds (the cloud's own: 0.3 and 1.5).
    `strict` refuses what the real cloud tolerates; `reject_code` is a 200 with that error code;
    the next `discovery_glitches` Discoveries list nothing.
    """

    bad_token_answer: Annotated[BadTokenAnswer, "B1"] = BadTokenAnswer.ENVELOPE_200
    strict: Annotated[bool, "B2"] = False
    configure_answer: Annotated[ConfigureAnswer, "B3"] = ConfigureAnswer.EMPTY_LIST
    latency: Annotated[float, "B5"] = 0.0
    latency_at_most: Annotated[float, "B5"] = 0.0
    reject_code: Annotated[str | None, "B6"] = None
    extra_fields: Annotated[ExtraFields, "B8"] = ExtraFields.FEW
    casing: Annotated[Casing, "B8"] = Casing.OBSERVED
    user_casing: Annotated[UserCasing, "B8"] = UserCasing.SNAKE
    shuffle_devices: Annotated[bool, "B9"] = False
    discovery_glitches: Annotated[int, "B10"] = 0


@dataclass(slots=True)
class LockUserBehaviour:
    """Row C9: the people a lock knows, and all that nobody has published about them.

    An online lock has learned of a change after `user_sync_delay` seconds; deleted users may
    linger in the list until then. An offline lock that does not queue refuses every change.
    New users are listed after `new_users_hidden_for` seconds. `owner_type` and `normal_type` are
    the numbers of the owner and of what people make in the vendor's app. `forget_next_adds` new
    users are acknowledged and never appear; so are those beyond `user_limit`, if `full_lock` has
    it so. `user_list_cut` lists only so many. `vendor_code_rule` refuses a 0 and a beginning of 12.
    """

    supports_users: Annotated[bool, "C9"] = True
    user_sync_delay: Annotated[float, "C9"] = 3.0
    queues_users_offline: Annotated[bool, "C9"] = True
    new_users_hidden_for: Annotated[float, "C9"] = 0.0
    deleted_users_linger: Annotated[bool, "C9"] = False
    owner_type: Annotated[int, "C9"] = 1
    normal_type: Annotated[int, "C9"] = 0
    needs_limit: Annotated[bool, "C9"] = True
    user_limit: Annotated[int | None, "C9"] = None
    full_lock: Annotated[FullLockAnswer, "C9"] = FullLockAnswer.REFUSED
    forget_next_adds: Annotated[int, "C9"] = 0
    user_ids_change_on_sync: Annotated[bool, "C9"] = False
    user_ids_are_text: Annotated[bool, "C9"] = False
    user_list_cut: Annotated[int | None, "C9"] = None
    user_list_shape: Annotated[UserListShape, "C9"] = UserListShape.NORMAL
    any_code_accepted: Annotated[bool, "C9"] = False
    vendor_code_rule: Annotated[bool, "C9"] = False
    duplicate_codes_accepted: Annotated[bool, "C9"] = False


@dataclass(slots=True)
class DeviceBehaviour(LockUserBehaviour):
    """Rows B9, B10 and C: the peculiarities of one device.

    `bare` leaves out `attributes` and `deviceInfo`; `deaf` is Online yet never acts;
    `offline_reads` is how many Queries still show a passing Offline.
    """

    query_shape: Annotated[QueryShape, "B9"] = QueryShape.NORMAL
    ticked: Annotated[bool, "B10"] = True
    type_for_category: Annotated[bool, "B10"] = False
    bare: Annotated[bool, "B10"] = False
    shows_lock_mode: Annotated[bool, "C1"] = True
    custom_data: Annotated[dict[str, Any] | None, "C2"] = None
    battery_stuck_at: Annotated[int | None, "C4"] = None
    auto_lock_after: Annotated[float | None, "C5"] = None
    offline_reads: Annotated[int, "C7"] = 0
    deaf: Annotated[bool, "C7"] = False


@dataclass(slots=True)
class CommandBehaviour:
    """Rows D: how a command goes, or goes wrong; for the whole cloud or for one device.

    A hint of None leaves the deferredResponse out. The next `ignore_next` commands, and others
    with `ignore_probability`, are accepted and never executed. `stale_reads` old readings follow
    the first fresh one. `relocks_unseen` auto-locks before any Query could see an unlock.
    """

    hint: Annotated[int | None, "D1"] = 20
    mode_hint: Annotated[int | None, "D1"] = 5
    effect_delay: Annotated[float, "D2"] = 4.0
    ignore_probability: Annotated[float, "D3"] = 0.0
    ignore_next: Annotated[int, "D3"] = 0
    reverts_after: Annotated[float | None, "D4"] = None
    stale_reads: Annotated[int, "D4"] = 0
    relocks_unseen: Annotated[bool, "D5"] = False
    ends_jammed: Annotated[bool, "D5"] = False
    opposite_commands: Annotated[OppositeCommands, "D7"] = OppositeCommands.LAST_WINS


@dataclass(slots=True)
class PushBehaviour:
    """Rows E: whom pushes reach, when, and what they look like.

    A registration presents the secret before it for `old_secret_for` seconds. With
    `pushes_to_private_addresses` off a private address is accepted and never reached, as by the
    real cloud. After `pushes_left` more nothing is pushed (0: never, None: no end). Pushes out of
    order come in pairs, the later first. `push_every` repeats the states of all devices though
    nothing changed; it is noticed with the next registration or change. A push that fails is
    sent again `push_retries` times, each `push_retry_after` seconds later.
    """

    old_secret_for: Annotated[float, "E1"] = 0.0
    push_authorization: Annotated[PushAuthorization, "E1"] = PushAuthorization.REGISTERED
    pushes_to_private_addresses: Annotated[bool, "E1"] = True
    push_delay: Annotated[float, "E2"] = 0.0
    pushes_left: Annotated[int | None, "E2"] = None
    push_copies: Annotated[int, "E2"] = 1
    pushes_out_of_order: Annotated[bool, "E2"] = False
    push_every: Annotated[float | None, "E2"] = None
    push_shape: Annotated[PushShape, "E3"] = PushShape.NESTED
    push_retries: Annotated[int, "E4"] = 0
    push_retry_after: Annotated[float, "E4"] = 30.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All switches that concern the whole cloud; those of one device are kept by the device."""

    oauth: OAuthBehaviour = field(default_factory=OAuthBehaviour)
    actions: ActionBehaviour = field(default_factory=ActionBehaviour)
    commands: CommandBehaviour = field(default_factory=CommandBehaviour)
    pushes: PushBehaviour = field(default_factory=PushBehaviour)
