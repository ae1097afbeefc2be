"""Owns what candidates want to be told: saved searches, at most five each, and mails about vacancies that fit them."""
