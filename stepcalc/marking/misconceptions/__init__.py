"""What students get wrong: each misconception a change of one item's own step. Importing this registers them all."""

from stepcalc.marking.misconceptions import batches as batches
from stepcalc.marking.misconceptions import forward as forward
from stepcalc.marking.misconceptions import gradients as gradients
from stepcalc.marking.misconceptions import losses as losses
from stepcalc.marking.misconceptions import maps as maps
from stepcalc.marking.misconceptions import optimizers as optimizers
from stepcalc.marking.misconceptions import sequences as sequences
from stepcalc.marking.misconceptions import slips as slips
from stepcalc.marking.misconceptions import updates as updates
from stepcalc.marking.misconceptions import weights as weights
from stepcalc.marking.misconceptions.base import REGISTERED, Misconception
from stepcalc.marking.misconceptions.base import Change as Change

THEMES = (sequences, batches, losses, gradients, weights, maps, forward, optimizers, updates, slips)
"""The likelier explanation of one number first: a slip of the pen when nothing else explains it."""

CATALOGUE: dict[str, Misconception] = {
    known.name: known for theme in THEMES for known in REGISTERED if type(known).__module__ == theme.__name__
}
"""Every misconception by its name, the likeliest first."""
