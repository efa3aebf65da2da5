"""What automations do: which want an event, whether their conditions are met, and what their steps come to."""
