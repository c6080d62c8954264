"""Stores for the six-method generation of the SDK (`zohocrmsdk`, lines 5 to 8). See the README."""
