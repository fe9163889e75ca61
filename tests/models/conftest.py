"""Keras calculates with PyTorch here, and keeps its settings where they are thrown away."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

SETTINGS = TemporaryDirectory()

os.environ["KERAS_BACKEND"] = "torch"
os.environ["KERAS_HOME"] = SETTINGS.name
