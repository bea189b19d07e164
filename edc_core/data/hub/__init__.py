"""Repositories of Hugging Face's Hub: their addresses, the copy on this machine, and fetching one when asked to."""
