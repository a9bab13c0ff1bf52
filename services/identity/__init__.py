"""An OAuth 2 and OpenID Connect provider for development and tests; any standard provider can replace it.

It keeps nothing: sessions and codes live in memory and end with the process.
"""
