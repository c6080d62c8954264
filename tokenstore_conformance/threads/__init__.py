"""Threads that meet inside a store on purpose: schedules, interleavings, recorded histories."""
