"""How does another library's model become a problem? A room for each library, which is imported when it is used."""

from stepcalc.models.keras import from_keras
from stepcalc.models.sklearn import from_sklearn
from stepcalc.models.torch import from_torch

__all__ = ["from_keras", "from_sklearn", "from_torch"]
