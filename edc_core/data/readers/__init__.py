"""Readers of data sets on disk: folders of images, parquet, files of raw pixels, ZIPs."""
