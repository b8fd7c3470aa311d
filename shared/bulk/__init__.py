"""One request for many targets: checked as a whole, begun with a canary, halted, resumed, ended."""
