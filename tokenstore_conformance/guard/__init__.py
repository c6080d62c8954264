"""Protects a run from the store it judges: time limits, interrupts, and whose code failed."""
