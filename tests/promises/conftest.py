"""What only the promises need: a cloud that hangs must not cost real minutes."""

import pytest

from utec_gateway.models import Operation
from utec_gateway.utec import client, oauth

REAL_PER_VIRTUAL = 0.04
"""The deadlines of a request belong to the socket and pass in real time; 25 times faster here."""


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> float:
    """Shorten the deadlines; return the real seconds that one step of virtual time then takes."""
    monkeypatch.setattr(oauth, "DEADLINE", oauth.DEADLINE * REAL_PER_VIRTUAL)
    monkeypatch.setattr(client, "COMMAND_DEADLINE", client.COMMAND_DEADLINE * REAL_PER_VIRTUAL)
    for operation in (Operation.DISCOVERY, Operation.QUERY):
        seconds = client.DEADLINES[operation] * REAL_PER_VIRTUAL
        monkeypatch.setitem(client.DEADLINES, operation, seconds)
    return 0.25 * REAL_PER_VIRTUAL
