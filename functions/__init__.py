"""One blueprint per way in: parse the trigger, call one use case in `shared`, translate."""
