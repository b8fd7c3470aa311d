"""The dead-letter queues: what is in them, why, and how it is sent on its way again."""
