"""What we measure, each a command: `python -m bench`, or `python -m bench webhooks` for one of them."""
