"""A believable quarter of a support team, to look at: play.py says what happens, stage.py lets it happen in a store."""
