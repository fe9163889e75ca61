"""How much is shown of what is too long to be shown whole: one table for layers, units, matrices and updates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortened:
    """Up to ``whole`` things are all shown; of more, the ``first`` ones and the ``last``."""

    whole: int
    first: int
    last: int = 1

    def places(self, count: int) -> tuple[int | None, ...]:
        """Which of ``count`` things are shown, counted from 1; None stands for those left out."""
        if count <= self.whole:
            return tuple(range(1, count + 1))
        return (*range(1, self.first + 1), None, *range(count - self.last + 1, count + 1))


LAYERS = Shortened(6, 3, 2)
"""The layers that are written out and drawn."""
BETWEEN = Shortened(8, 4, 3)
"""Of the layers between those, whose outputs and gradients are listed."""
TIMES, TIMES_OF_LARGE = Shortened(6, 3, 2), Shortened(4, 2, 1)
"""The time steps of a sequence that are written out and drawn; those written out of a large network."""
ROWS_OF_TIMES = Shortened(12, 5, 5)
"""The rows of a table with a row for each time step."""
UNITS = Shortened(8, 3)
"""The units of one layer in the diagram."""
MATRIX, SIDE_OF_LARGE = Shortened(10, 3), Shortened(4, 2)
"""The rows and columns of a matrix, and those of one with a longer side that is shortened."""
MAP = Shortened(10, 4)
"""The rows and columns of a map."""
MOST_MAPS = 6
"""Of more maps than this, the first and the last are shown."""
STATED_SAMPLES = Shortened(24, 3)
"""The samples of a mini-batch as the problem gives them: a sheet that hides some of a few cannot be worked."""
UPDATES = Shortened(11, 5, 5)
"""The updates of a run whose costs are listed."""
