"""Plotly's graph objects, once pandas is loaded whole.

Plotly looks for pandas among the loaded modules; while another thread loads it, half of it is there.
"""

import pandas  # noqa: F401
import plotly.graph_objects as go

__all__ = ["go"]
