"""Stand-ins for ticketing tools: they keep tickets, take notes, and send webhooks as they do."""
