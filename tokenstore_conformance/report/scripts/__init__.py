"""A failure as a Python script that repeats it: `reproduction` makes it."""
