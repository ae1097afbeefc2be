"""Identity owns accounts and sessions: who registers, who logs in, and which machines may speak for HR systems."""
