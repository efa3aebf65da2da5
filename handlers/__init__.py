"""What to do about what happened. Pure: each takes what is known and returns actions."""
