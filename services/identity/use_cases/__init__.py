"""What both doors of identity do: registration, sessions, recovery, one's own account, machine clients."""
