"""The pages of docs/ that follow from the code, and the examples on them, which are run."""
