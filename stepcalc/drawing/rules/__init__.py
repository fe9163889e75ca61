"""When is a candidate refused? Each rule by itself, the cheapest first. Importing this registers them all."""

from stepcalc.drawing.rule import CATALOGUE as CATALOGUE
from stepcalc.drawing.rule import Rule as Rule
from stepcalc.drawing.rule import applied as applied
from stepcalc.drawing.rules import answers as answers
from stepcalc.drawing.rules import corners as corners
from stepcalc.drawing.rules import difficulty as difficulty
from stepcalc.drawing.rules import mistakes as mistakes
from stepcalc.drawing.rules import precision as precision
from stepcalc.drawing.rules import units as units
