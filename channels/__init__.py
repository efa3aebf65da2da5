"""One module per platform, all the same shape: verify, parse, send_text, register."""
