"""Surfaces of a network's loss around its weights, on the parts of `loss-landscapes` 3.0.6 that are sound.

Its model wrapper, parameter arithmetic and metric interface are used. Its own scans are not: they divide by the
distance, shift every other row of a plane by a step, draw directions uniform on [0, 1] (two of them have
cosine 0.76), stop at a filter of norm zero, move the model's weights and switch `requires_grad` off.
"""
