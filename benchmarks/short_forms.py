"""Deriving: the short forms of all parameters, beside what sympy.diff and simplify make of the composed loss."""

from __future__ import annotations

from typing import Any

from _measure import Row, in_fresh_process, print_table

TARGETS = {"2-2-1": 0.2, "4-3-1": 0.5}
PATIENCE = 20
"""Seconds that SymPy gets for one parameter."""

OURS = """
import json, time
from stepcalc import Problem
from stepcalc.derive import Derivation
from stepcalc.graph import build
import stepcalc.ops.registry as registry; registry.names("loss")
inputs, *units = {widths}
layers = [dict(type="dense", activation="sigmoid", units=n) for n in units]
problem = Problem(loss="binary_cross_entropy", data=dict(inputs=inputs), layers=layers)
start = time.process_time()
graph = build(problem)
derivation = Derivation(graph)
items = [item for name in graph.parameters for item in graph.items(name)]
forms = [derivation.short(item) for item in items]
assert None not in forms
seconds = time.process_time() - start
print(json.dumps(dict(seconds=seconds, parameters=len(items), operations=int(forms[0].count_ops()))))
"""

THEIRS = """
import json, signal, time
import sympy as sp
inputs, *units = {widths}
above = list(sp.symbols(f"x1:{{inputs + 1}}"))
parameters = []
for layer, n in enumerate(units, 1):
    z = []
    for unit in range(n):
        w = sp.symbols(f"w{{layer}}_{{unit}}_0:{{len(above)}}"); b = sp.Symbol(f"b{{layer}}_{{unit}}")
        parameters += [*w, b]
        z.append(sum(p * q for p, q in zip(w, above)) + b)
    above = [1 / (1 + sp.exp(-v)) for v in z]
y, y_hat = sp.Symbol("y"), above[0]
loss = -y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat)
def give_up(*_): raise TimeoutError
signal.signal(signal.SIGALRM, give_up); signal.alarm({patience})
start = time.process_time()
operations = None
try:
    operations = int(sp.simplify(sp.diff(loss, parameters[0])).count_ops())
except TimeoutError:
    pass
print(json.dumps(dict(seconds=time.process_time() - start, operations=operations)))
"""


def ours(widths: tuple[int, ...]) -> dict[str, Any]:
    """Seconds for all parameters, imports aside, the fastest of three fresh processes."""
    runs = [in_fresh_process(OURS.format(widths=widths)) for _ in range(3)]
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    rows, notes = [], []
    for name, target in TARGETS.items():
        widths = tuple(map(int, name.split("-")))
        found, other = ours(widths), in_fresh_process(THEIRS.format(widths=widths, patience=PATIENCE))
        what = f"{name}: short forms of {found['parameters']} parameters"
        rows.append(Row(what, f"{found['seconds']:.3f} s", f"at most {target} s", target / found["seconds"]))
        reached = f"{other['operations']} operations" if other["operations"] else "not finished"
        notes.append(
            f"{name}: one parameter by sympy.diff + simplify: {other['seconds']:.1f} s, {reached}; "
            f"ours: {1000 * found['seconds'] / found['parameters']:.1f} ms, {found['operations']} operations"
        )
    print_table("Deriving", rows)
    print(*notes, sep="\n")


if __name__ == "__main__":
    main()
