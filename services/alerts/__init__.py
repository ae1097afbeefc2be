"""Owns what candidates want to be told: saved searches, at most five each, saved job openings, and optional mails."""
