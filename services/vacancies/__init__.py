"""Owns the job openings: what they say, until when they are open, and the advanced search that finds them."""
