"""An exam for learning platforms: Moodle, Canvas, QTI; every export is read back and marked."""
