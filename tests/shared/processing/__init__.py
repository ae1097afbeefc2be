"""Handlers, effects, timers, mails, parking, on a real database."""
