"""What things cost, measured against other ways to do them; no tests."""
