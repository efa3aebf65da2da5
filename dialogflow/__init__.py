"""The Dialogflow ES agent: asking it (client) and being called by it (fulfillment)."""
