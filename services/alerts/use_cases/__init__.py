"""What both doors of alerts do beyond one command or one view."""
