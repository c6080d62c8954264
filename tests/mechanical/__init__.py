"""Mechanical mutants: the reference stores with one term changed, judged by the kit.

    python -m tests.mechanical                          all of them, in about twenty minutes
    python -m tests.mechanical --sample 60 --seed 7     sixty of them, in about a minute
    python -m tests.mechanical --store sqlite --list    what there is, without judging it

A mutant that fails no clause has survived. `survivors.toml` says why each one may: it does the same
as the store, or the contract leaves the difference open, or the kit has a hole.

The mutator is our own: mutmut and cosmic-ray know neither the terms of SQL nor locks and
transactions, and their judge is a test suite. Here the judge is the kit, with every capability that
the store claims.
"""
