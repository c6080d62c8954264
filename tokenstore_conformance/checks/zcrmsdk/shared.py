"""Threads, durability and outages: the same checks as for the six methods.

They speak of users and their logins, and leave it to the door how a store is called.
"""

from __future__ import annotations

from tokenstore_conformance.checks import durability, outages, threads
from tokenstore_conformance.checks.zcrmsdk import cast, five

SAVED = (*cast.SAVED, "SAVE-23")
USED = (*SAVED, "FIND-16", "FIND-6", "DEL-1", "CLEAR-1")

five("THR-1")(threads.works_from_another_thread)
five("THR-2")(threads.loses_nothing_to_threads)
five("THR-3")(threads.answers_in_some_order)
five("DUR-1")(durability.is_seen_by_another_store)
five("DUR-2")(durability.loses_nothing_to_processes)
five("DUR-3")(durability.survives_being_killed)
five("ERR-1")(outages.answers_truly_in_an_outage)
five("ERR-2")(outages.has_everything_after_an_outage)
