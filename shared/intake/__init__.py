"""From anything that arrives to one recorded operation and one message in its lane."""
