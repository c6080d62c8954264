"""Tests of the five-method contract as data."""
