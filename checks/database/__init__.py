"""Database connections: who can read the login and the data, and who can answer for the server."""
