"""Stores of the older generation that are judged: honest ones, liars and correct ones."""
