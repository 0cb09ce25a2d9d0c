"""What the tests of the pages share."""

from tests.addon.test_supervisor import supervisor

__all__ = ["supervisor"]
