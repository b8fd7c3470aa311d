"""What the stand-ins for Microsoft's services share: listening, tokens, faults and the journal."""
