"""Relay, consumers, topics and rebuilding, on a real broker."""
