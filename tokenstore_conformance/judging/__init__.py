"""The verdict on a clause, and on a store."""
