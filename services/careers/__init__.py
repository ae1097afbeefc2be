"""Owns nothing: shows each candidate everything at a glance, composed from what the six services publish."""
