"""Diploma equivalence (R69 to R74): the catalogue, how a diploma is found in it, and what a draft makes of it."""
