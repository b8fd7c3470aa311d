"""The main job, watched: changes go in, and a table says what became of each."""
