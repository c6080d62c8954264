"""Other processes that use the same storage, and kill signals."""
