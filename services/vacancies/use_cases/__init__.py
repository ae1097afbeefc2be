"""What both doors do beyond one view: searching."""
