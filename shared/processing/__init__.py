"""Handling events: views and reactions, effects, timers, mails, and the parking of what fails."""
