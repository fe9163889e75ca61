"""What did the user ask? Problem files, read and validated; every complaint about input comes from here."""

from stepcalc.problem.base import Problem
from stepcalc.problem.choice import Choice
from stepcalc.problem.expressions import ExpressionProblem
from stepcalc.problem.items import Items
from stepcalc.problem.layers import DenseLayer
from stepcalc.problem.network import Data, NetworkProblem
from stepcalc.problem.reader import load
from stepcalc.problem.sections import (
    GradientCheck,
    GradientDescent,
    Marking,
    Notation,
    Rounding,
    SheetOptions,
    Tolerance,
)
from stepcalc.problem.table import Table, TableProblem
from stepcalc.problem.training import Training
from stepcalc.problem.writer import save

__all__ = [
    "Choice",
    "Data",
    "DenseLayer",
    "ExpressionProblem",
    "GradientCheck",
    "GradientDescent",
    "Items",
    "Marking",
    "NetworkProblem",
    "Notation",
    "Problem",
    "Rounding",
    "SheetOptions",
    "Table",
    "TableProblem",
    "Tolerance",
    "Training",
    "load",
    "save",
]
