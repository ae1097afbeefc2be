"""The seven services; each is facts, rules, views and doors."""
