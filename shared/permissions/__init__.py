"""The permissions doctor: what the identity may do on Graph, beside what Sluice needs it to do."""
