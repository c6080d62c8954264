"""Stores for the five-method generation of the SDK (module `zcrmsdk`). See the README."""
