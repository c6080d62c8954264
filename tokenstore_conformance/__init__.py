"""The conformance kit for token stores of the Zoho CRM Python SDK.

Imports point one way: ``records`` and ``contract`` import nothing of the kit; ``model`` speaks of
records; ``sdk`` is the only package that knows an SDK; ``subject`` calls a store through it;
``checks`` hold one check for each clause; ``judge`` runs them; ``plugin`` brings all this to
pytest, and imports none of it until there is a store to judge.
"""

__version__ = "0.1.0"
