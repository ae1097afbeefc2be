"""All tests: one folder for one package, and what they share."""
