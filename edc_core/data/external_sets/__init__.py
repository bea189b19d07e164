"""Condensed sets from elsewhere: found, listed, read and matched with the data set's classes."""
