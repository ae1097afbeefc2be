"""What an attacker would try, chapter by chapter of OWASP ASVS 5.0: each right answer as a whole response."""
