"""What became of a change, written into the ticket that asked for it.

`outcome` reads a message on the queue `outcomes`. `note` puts it into words for people, with a
marker that tells it from every other. `messages` is the use case: which tool is told, once, later
when it is throttled, and dead when it refuses. `tools` are ServiceNow, Jira, Freshservice, and any
system that takes Standard Webhooks.
"""
