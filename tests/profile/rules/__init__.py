"""The rules of the profile one by one: each field's bounds, what counts towards 100, and what saving leads to."""
