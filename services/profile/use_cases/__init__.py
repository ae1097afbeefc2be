"""What both doors of profile do beyond one command or one view."""
