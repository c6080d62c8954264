"""The command: see the package."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence

from tests.mechanical import account
from tests.mechanical.judging import judged
from tests.mechanical.mutants import Mutant, mutants_of
from tests.mechanical.stores import STORES


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge mutants, and print those that the list is wrong about. Return 1 if there are any."""
    options = _options(arguments)
    everything = [mutant for store in STORES for mutant in mutants_of(store)]
    stores = options.store or [""]
    chosen = [each for each in everything if any(part in each.store.name for part in stores)]
    if options.id:
        chosen = [each for each in chosen if options.id in each.id]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    if options.list:
        for each in chosen:
            print(each.id, *([each.diff, ""] if options.diff else []), sep="\n")
        return 0
    return _judge(chosen, everything, options)


def _judge(chosen: list[Mutant], everything: list[Mutant], options: argparse.Namespace) -> int:
    seed = f", sampled with the seed {options.seed}" if options.sample else ""
    print(f"{len(chosen)} mutants of {len(everything)}{seed}", flush=True)
    began = time.monotonic()
    entries = account.read()
    verdicts = []
    for each in judged(chosen, options.jobs):
        verdicts.append(each)
        if options.verbose:
            found = each.words or "survived"
            print(f"{each.seconds:5.1f} s  {found}: {each.mutant.id}", flush=True)
    objections = list(account.objections(verdicts, entries, everything))
    for line in (*objections, *account.outdated(verdicts, entries)):
        print(line)
    print(f"{account.summary(verdicts, entries)}, in {time.monotonic() - began:.0f} s")
    return 1 if objections else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.mechanical", description=main.__doc__)
    add = parser.add_argument
    add("--sample", type=int, metavar="N", help="so many, chosen at random (default: all)")
    add("--seed", default="0", help="what chooses them (default: %(default)s)")
    add(
        "--store",
        action="append",
        help="of the stores with this in their name, such as zcrmsdk/list (can be repeated)",
    )
    add("--id", default="", help="those with this in their id")
    add("--jobs", type=int, default=os.cpu_count(), metavar="N", help="so many at a time")
    add("--verbose", action="store_true", help="print each with the first clause that it fails")
    add("--list", action="store_true", help="print the ids, and judge nothing")
    add("--diff", action="store_true", help="with --list, print what each one changes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
