"""Random data trees whose maker knows what is in them, and the comparison with what the lab reads of them."""
