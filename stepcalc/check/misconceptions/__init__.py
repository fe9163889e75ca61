"""What students get wrong: each misconception a change of one item's own step. Importing this registers them all."""

from stepcalc.check.misconceptions import gradients as gradients
from stepcalc.check.misconceptions import updates as updates
from stepcalc.check.misconceptions.base import CATALOGUE as CATALOGUE
from stepcalc.check.misconceptions.base import Change as Change
from stepcalc.check.misconceptions.base import Misconception as Misconception
