"""What answers HTTP. Nothing here calls out: what has to be said to somebody is left to the worker."""
