"""The server: three APIs over HTTP, one core (needs the extra serve)."""
