"""A pytest run that judges stores: its options, its items, its hooks."""
