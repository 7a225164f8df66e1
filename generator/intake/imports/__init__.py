"""Files from other programs → what they hold, every mistake with its cell. Nothing is ever written into them."""
