"""The programs that tests open sheets with. ``.ci/run`` installs them; elsewhere a test that lacks one is skipped."""

from __future__ import annotations

import os
import shutil

import pytest

REQUIRED = os.environ.get("STEPCALC_TEST_TOOLS") == "required"
"""Whether a missing program is a failure."""


def needs(program: str) -> pytest.MarkDecorator:
    """Skips a test where ``program`` is missing, except in continuous integration, where the test then fails."""
    absent = shutil.which(program) is None and not REQUIRED
    return pytest.mark.skipif(absent, reason=f"{program} is not on this machine; tools/test_tools installs it")
