"""Opens stores in use, reads them without writing, audits them, and copies their tokens."""
