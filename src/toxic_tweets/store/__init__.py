"""What the server remembers: feedback, API keys, policies and audit records."""
