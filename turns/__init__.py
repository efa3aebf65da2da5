"""The worker's parts: which contacts are due, deciding entries, asking the bot, sending."""
