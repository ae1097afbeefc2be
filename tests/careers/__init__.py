"""Proofs about services/careers."""
