"""The programs that tests open sheets with. ``.ci/run`` installs them; elsewhere a test that lacks one is skipped."""

from __future__ import annotations

import os
import shutil

import pytest

REQUIRED = os.environ.get("STEPCALC_TEST_TOOLS") == "required"
"""Whether a missing program is a failure."""


def needs(*names: str) -> pytest.MarkDecorator:
    """Skips a test where a program is missing, except in continuous integration, where the test then fails.

    The program may have any of ``names``.
    """
    absent = not any(map(shutil.which, names)) and not REQUIRED
    return pytest.mark.skipif(absent, reason=f"{names[0]} is not on this machine; tools/test_tools installs it")
