"""From a problem to its sheet or its trace, and the start of the program."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from _measure import REPOSITORY, Row, best, in_fresh_process, print_table

LARGE_SECONDS, HELP_SECONDS = 3.0, 0.3

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


def seconds_for_help() -> float:
    """``stepcalc --help``."""
    command = [sys.executable, "-m", "stepcalc", "--help"]
    return best(lambda: subprocess.run(command, capture_output=True, check=True, cwd=REPOSITORY), 7)


def main() -> None:
    found, helped = large(), seconds_for_help()
    rows = [
        Row(
            f"784-128-10 to JSON ({found['megabytes']:.1f} MB), imports too",
            f"{found['seconds']:.2f} s",
            f"at most {LARGE_SECONDS} s",
            LARGE_SECONDS / found["seconds"],
        ),
        Row("stepcalc --help", f"{helped:.3f} s", f"at most {HELP_SECONDS} s", HELP_SECONDS / helped),
    ]
    print_table("Whole problems", rows)
    print(f"scalar view of 784-128-10: {found['refused'] or 'NOT REFUSED'}")


if __name__ == "__main__":
    main()
