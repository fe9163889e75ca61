"""How is what a student typed read? Numbers and formulas, plain or LaTeX; nothing in it is ever executed."""
