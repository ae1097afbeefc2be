"""The rules of job openings one by one, at their bounds: pure tests that need no server."""
