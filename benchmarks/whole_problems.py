"""From a problem to its sheet or its trace, and the start of the program."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from _measure import REPOSITORY, Row, best, in_fresh_process, print_table
from sheets import processor_time
from training_steps import layers

LARGE_SECONDS, HELP_SECONDS = 3.0, 0.3
CNN_SECONDS, CNN_PAGES = 10.0, 6

LARGE = """
import time; start = time.process_time()
import json, stepcalc
from stepcalc.options import Options
from stepcalc.sheet import render
def layer(units, activation, seed):
    return dict(type="dense", units=units, activation=activation, init=dict(type="xavier_uniform", seed=seed))
problem = stepcalc.Problem(
    loss="categorical_cross_entropy",
    data=dict(x=[(7 * i % 256) / 255 for i in range(784)], y=[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
    layers=[layer(128, "relu", 1), layer(10, "softmax", 2)],
    optimizer=dict(type="gradient_descent", learning_rate=0.1),
)
trace = stepcalc.solve(problem)
size = len(render(trace, "json"))
seconds = time.process_time() - start
try:
    render(trace, "json", Options(view="scalar"))
    refused = None
except stepcalc.InputError as error:
    refused = str(error)
print(json.dumps(dict(seconds=seconds, megabytes=size / 1e6, refused=refused)))
"""


def large() -> dict[str, Any]:
    """784-128-10 from nothing to JSON in a fresh process, imports and all; and what is said to its scalar view."""
    return min((in_fresh_process(LARGE) for _ in range(2)), key=lambda run: run["seconds"])


def convolutional(folder: Path) -> dict[str, float]:
    """The lecture's network for images of 64×64, forward and backward, from its problem file to its PDF."""
    problem = {
        "title": "The lecture's network",
        "loss": "categorical_cross_entropy",
        "data": {"x": {"file": "x.npy"}, "y": [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]},
        "layers": layers("cnn"),
    }
    np.save(folder / "x.npy", np.random.default_rng(7).uniform(size=(3, 64, 64)).round(2))
    (folder / "cnn.json").write_text(json.dumps(problem), encoding="utf-8")
    command = [sys.executable, "-m", "stepcalc", "solve", folder / "cnn.json", "-o", folder / "cnn.pdf"]
    seconds = processor_time(command, REPOSITORY)[0]
    pages = len(re.findall(rb"/Type /Page\b", uncompressed(folder / "cnn.pdf")))
    return {"seconds": seconds, "pages": pages}


def uncompressed(pdf: Path) -> bytes:
    """The objects of a PDF, those in streams too."""
    content = pdf.read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return content + b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")


def seconds_for_help() -> float:
    """``stepcalc --help``."""
    command = [sys.executable, "-m", "stepcalc", "--help"]
    return best(lambda: subprocess.run(command, capture_output=True, check=True, cwd=REPOSITORY), 7)


def main() -> None:
    found, helped = large(), seconds_for_help()
    with tempfile.TemporaryDirectory() as name:
        cnn = convolutional(Path(name))
    rows = [
        Row(
            f"784-128-10 to JSON ({found['megabytes']:.1f} MB), imports too",
            f"{found['seconds']:.2f} s",
            f"at most {LARGE_SECONDS} s",
            LARGE_SECONDS / found["seconds"],
        ),
        Row(
            f"CNN 64×64×3 to PDF ({cnn['pages']:.0f} pages), whole process",
            f"{cnn['seconds']:.2f} s",
            f"at most {CNN_SECONDS} s",
            CNN_SECONDS / cnn["seconds"],
        ),
        Row("stepcalc --help", f"{helped:.3f} s", f"at most {HELP_SECONDS} s", HELP_SECONDS / helped),
    ]
    print_table("Whole problems", rows)
    print(f"scalar view of 784-128-10: {found['refused'] or 'NOT REFUSED'}")


if __name__ == "__main__":
    main()
