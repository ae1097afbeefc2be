"""The site as people meet it, in a real browser over the whole platform."""
