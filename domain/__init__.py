"""The vocabulary everything else speaks: events, actions, models, errors. No input or output happens here."""
