"""Stores in use: opened where the user keeps them, read without a write, copied, looked over."""
