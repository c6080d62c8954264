"""Threads that the kit interleaves inside a store: schedules, interleavings, histories."""
