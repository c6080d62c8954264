"""The checks of the clauses that only the six-method contract has."""
