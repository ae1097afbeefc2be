"""How Postulo runs: on one machine without containers, and on many with them."""
