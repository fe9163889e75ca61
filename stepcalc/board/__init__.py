"""Mathematics as it stands on a board: ordered, unevaluated, with strikes, boxes and blanks.

SymPy reorders and simplifies what it is given; a worked solution must not. The nodes here keep what
was written, and every output (LaTeX, MathML, plain text, spoken words) is a writer over the same nodes.
"""
