"""What both doors of applications do: look up what a wish needs, carry it out, say what became of it."""
