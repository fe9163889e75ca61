"""Which candidates does a recipe give, and which of them are fit to be set? Drawn and judged many at a time."""
