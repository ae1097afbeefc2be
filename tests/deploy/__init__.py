"""The files for operators, against the code."""
