"""Signing in: sessions, what is missed, factors, the identity provider, and the accounts that organisations keep."""
