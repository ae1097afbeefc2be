"""The whole platform: the journey, and what is true of every service alike."""
