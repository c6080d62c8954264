"""The text of the scripts that reproduce a failure."""
