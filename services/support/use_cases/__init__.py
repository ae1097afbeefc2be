"""What both doors of support do beyond one command or one view."""
