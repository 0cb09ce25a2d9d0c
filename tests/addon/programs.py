"""Real programs that a developer's machine may lack; in CI their absence is a failure."""

import os
import shutil

import pytest


def needs(program: str) -> pytest.MarkDecorator:
    absent = shutil.which(program) is None and "CI" not in os.environ
    return pytest.mark.skipif(absent, reason=f"{program} is not installed")
