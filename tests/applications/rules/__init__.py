"""The rules of applications one by one: every refusal, every boundary, and what doing something twice leads to."""
