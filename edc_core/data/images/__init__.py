"""Image files: kinds, headers, decoding to eight bits."""
