"""RPC and notifications: who can read, change or send what Nova's services tell each other."""
