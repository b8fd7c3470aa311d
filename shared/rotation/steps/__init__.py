"""The steps of a rotation, one module each.

A step gives an instruction when the invocation ends with it, and None when the next one follows.
It may be taken again after a crash at any point.
"""
