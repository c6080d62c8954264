"""Failures as Python scripts that repeat them. `reproduction` makes a script."""
