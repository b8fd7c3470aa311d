"""Webhooks of ITSM tools: who sent this, what does it say, and which change does it ask for.

A request goes through these, each of which can say no:

    delivery    its size, before anything else is looked at
    sources     the file of its source, one per sending tool, in `sources/`
    verifiers   proof of who sent it, over the bytes as they came
    payload     strict JSON out of its envelope
    mapping     the ticket, and the canonical requests that the file makes of it
    admission   order, repeats, and the intake that every way in ends at
"""
