"""The tools that are told outcomes, one module each."""
