"""Fields, lists, search criteria and words."""
