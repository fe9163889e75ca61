"""What did the instructor ask for? Recipes of exams, read and validated, and all that may be drawn from one."""

from stepcalc.recipes.quality import CHEAP, DEAR, RULES, Quality
from stepcalc.recipes.recipe import Recipe, load_recipe
from stepcalc.recipes.space import Column, Space, Structure

__all__ = ["CHEAP", "DEAR", "RULES", "Column", "Quality", "Recipe", "Space", "Structure", "load_recipe"]
