"""The canonical change request, how it is read strictly, and the record of what becomes of it."""
