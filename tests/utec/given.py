"""What the cloud may send, and the options that a part is given."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from utec_gateway.options.schema import Options

THOROUGHLY = settings(max_examples=200, deadline=None)

IDS = st.sampled_from(["02:51:4D:00:00:01", "02:51:4D:00:00:02", "", "x" * 300])
WORDS = st.text(max_size=12) | IDS | st.sampled_from(["INVALID_TOKEN", "Locked", "st.lock"])
NUMBERS = st.integers(-(10**30), 10**30) | st.floats()
KEYS = st.sampled_from(
    ["payload", "devices", "error", "code", "message", "data", "id", "states", "access_token"]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


DEFAULTS = Options()


@dataclass(frozen=True)
class Given:
    """A source of options that never change."""

    options: Options = DEFAULTS


def wire(value: Any) -> bytes:
    """Write JSON as a careless server does: numbers beyond a float's reach too."""
    return json.dumps(value).replace("Infinity", "1e999").encode()


@st.composite
def damaged(draw: st.DrawFn, realistic: tuple[Any, ...]) -> Any:
    """Draw a realistic answer with a few parts replaced, taken away or said twice."""
    answer = {"all": copy.deepcopy(draw(st.sampled_from(realistic)))}
    for _ in range(draw(st.integers(1, 3))):
        if answer:
            _damage(draw, answer)
    return answer.get("all")


def _damage(draw: st.DrawFn, node: Any) -> None:
    while True:
        places = list(node) if isinstance(node, Mapping) else list(range(len(node)))
        place = draw(st.sampled_from(places))
        inner = node[place]
        if not (isinstance(inner, dict | list) and inner) or draw(st.integers(0, 3)) == 0:
            break
        node = inner
    what = draw(st.sampled_from(["replaced", "gone", "twice"]))
    if what == "gone":
        del node[place]
    elif what == "twice" and isinstance(node, list):
        node.append(copy.deepcopy(inner))
    else:
        node[place] = draw(ANY_JSON)
