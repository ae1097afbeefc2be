"""Proofs of the vacancies service."""
