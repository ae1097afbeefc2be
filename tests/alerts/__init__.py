"""Proofs about services/alerts."""
