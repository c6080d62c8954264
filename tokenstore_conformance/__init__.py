"""The conformance kit for token stores of the Zoho CRM Python SDK.

Imports point one way. Each part imports itself and the parts above it in this list:

- ``records``: a token as plain data. ``plural``: a number with its noun.
- ``contract``: the clauses, as data. ``oracle``: the model store that gives the right answers.
  ``guard``: protection against stores that hang, exit or break the interpreter. ``clock``: moves
  the clocks of Python. ``harness``: what a store tells the kit about its storage.
- ``history`` and ``failures``: what was called, and what went wrong.
- ``sdk``: the only part that knows an SDK.
- ``target``: finds, builds and tries the class that ``--tokenstore`` names.
- ``live``: opens, reads and copies stores in use, where nothing is judged.
- ``subject``: calls the store and takes down what it does. It can make its faults good.
- ``threads`` and ``processes``: run several callers on one storage.
- ``checks``: one check for each clause.
- ``judging``: runs the checks and proves which clause is to blame.
- ``report``: the formats in which a verdict is written.
- ``pytest_run`` and ``plugin``: bring all this to pytest. Nothing else is imported until there is
  a store to judge.
- ``rejudge``: judges one clause again, for the scripts of failures.
- ``commands`` and ``__main__``: ``python -m tokenstore_conformance``.
"""

__version__ = "0.1.0"
