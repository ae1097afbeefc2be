"""Support owns the tickets: requests for technical help, their screenshots, the answers, and how each one ends."""
