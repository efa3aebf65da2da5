"""Calls to others over HTTP that end in time, whatever the other side does: channels make them, and automations."""
