"""The page on which a programme is built and its result is seen."""
